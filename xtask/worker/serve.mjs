// Runs a Worker on the local runtime alone, without what `wrangler dev` puts before it.
// node serve.mjs <wrangler.toml> <program> <folder of state> <port> [NAME=value …]
import { resolve } from "node:path";

import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

const [config, program, state, port, ...variables] = process.argv.slice(2);
const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
const runtime = new Miniflare({
  ...workerOptions,
  modules: true,
  modulesRoot: resolve(program, ".."),
  modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
  scriptPath: resolve(program),
  bindings: Object.fromEntries(variables.map((it) => it.split(/=(.*)/s, 2))),
  d1Persist: resolve(state, "v3/d1"),
  // Past the runtime's own entry, which would be measured as well.
  unsafeDirectSockets: [{ host: "127.0.0.1", port: Number(port) }],
  handleRuntimeStdio: (stdout, stderr) => [stdout, stderr].forEach((it) => it.pipe(process.stdout)),
});
await runtime.ready;
