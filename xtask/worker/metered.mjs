// The Worker with a meter at its database, and a clock that can be set.
// GET /meter: what it came to since the last answer from here.
// GET /strikes?from=<Unix seconds>&minutes=<number>: lets the clock strike each minute from then on;
// what each came to.
// POST /query: runs the statements of the body, which "; " separates; what they came to.
import { WorkerEntrypoint } from "cloudflare:workers";

import Worker from "./worker.mjs";

let set; // milliseconds; undefined: the runtime's clock
globalThis.Date = class extends Date {
  constructor(...values) {
    super(...(values.length === 0 && set !== undefined ? [set] : values));
  }
};

let came = nothing();

function nothing() {
  return { batches: 0, rows_read: 0, rows_written: 0 };
}

function take() {
  const taken = came;
  came = nothing();
  return taken;
}

// The Worker asks in batches only.
function meter(prototype) {
  const { batch } = prototype;
  prototype.batch = async function (statements) {
    const answers = await batch.call(this, statements);
    came.batches += 1;
    for (const { meta } of answers) {
      came.rows_read += meta.rows_read;
      came.rows_written += meta.rows_written;
    }
    return answers;
  };
  prototype.metered = true;
}

export default class extends WorkerEntrypoint {
  async fetch(request) {
    const database = Object.getPrototypeOf(this.env.DATABASE_URL);
    if (!database.metered) meter(database);
    const { pathname, searchParams } = new URL(request.url);
    const worker = new Worker(this.ctx, this.env);
    if (pathname === "/meter") return Response.json(take());
    if (pathname === "/query") {
      const statements = (await request.text()).split("; ");
      take();
      await this.env.DATABASE_URL.batch(statements.map((it) => this.env.DATABASE_URL.prepare(it)));
      return Response.json(take());
    }
    if (pathname !== "/strikes") return worker.fetch(request);
    const from = Number(searchParams.get("from"));
    const minutes = Number(searchParams.get("minutes"));
    const struck = [];
    take();
    for (let minute = 0; minute < minutes; minute += 1) {
      set = (from + 60 * minute) * 1000;
      await worker.scheduled({ cron: "* * * * *", scheduledTime: set });
      struck.push(take());
    }
    return Response.json(struck);
  }
}
