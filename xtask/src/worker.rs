//! The Worker: building it, what it weighs, running it here, and putting it in place.

use std::path::Path;

use crate::chance::Chance;
use crate::run::{Failure, command, run};
use crate::toolchain::{CLOUDFLARE, Toolchain, wrangler};

/// The Worker's crate.
pub const WORKER: &str = "crates/portal-worker";

/// The database's binding in every `wrangler.toml` here.
pub const BINDING: &str = "DATABASE_URL";

/// The files that are deployed: the program and its loader.
const FILES: [&str; 2] = ["build/index_bg.wasm", "build/index.js"];

/// The largest that both may be together, compressed, in bytes. Cloudflare's free plan takes three times
/// that (<https://developers.cloudflare.com/workers/platform/limits/#worker-size>), but a small Worker
/// starts sooner.
const COMPRESSED_BYTES_MAX: usize = 1 << 20;

/// Builds the Worker with the tools that this takes; fails where it is too large.
pub fn build_and_weigh() -> Result<(), Failure> {
    build(&toolchain()?)
}

/// The compiler and Cloudflare's tools.
pub fn toolchain() -> Result<Toolchain, Failure> {
    CLOUDFLARE.npm()?;
    Toolchain::find()
}

/// Builds the Worker; fails where it is too large.
pub fn build(toolchain: &Toolchain) -> Result<(), Failure> {
    toolchain.worker_build(WORKER, &[])?;
    let mut compressed = 0;
    for file in FILES {
        let path = Path::new(WORKER).join(file);
        let (raw, packed) = (std::fs::metadata(&path)?.len(), compressed_bytes(&path)?);
        println!("{file:20} {raw:9} bytes, compressed {packed:7}");
        compressed += packed;
    }
    println!("compressed together  {compressed:9} bytes (limit: {COMPRESSED_BYTES_MAX})");
    if compressed <= COMPRESSED_BYTES_MAX {
        return Ok(());
    }
    Err(format!("the Worker is larger than {COMPRESSED_BYTES_MAX} bytes, compressed").into())
}

/// As Cloudflare counts: <https://developers.cloudflare.com/workers/platform/limits/#worker-size>.
fn compressed_bytes(file: &Path) -> Result<usize, Failure> {
    let output = command("gzip", &["-9", "--stdout"]).arg(file).output()?;
    if output.status.success() {
        return Ok(output.stdout.len());
    }
    Err(format!("gzip cannot compress {}", file.display()).into())
}

/// Runs the Worker on this machine, with a throw-away secret.
pub fn dev() -> Result<(), Failure> {
    build_and_weigh()?;
    let mut migrate = wrangler(WORKER)?;
    migrate.args(["d1", "migrations", "apply", BINDING, "--local"]);
    // Without it, wrangler asks whether to.
    run(migrate.env("CI", "1"))?;
    let mut chance = Chance::new(Chance::fresh_seed());
    let secret = format!("whsec_{:016x}{:016x}", chance.draw(), chance.draw());
    println!("\nin another terminal:  donation-portal send --secret {secret}\n");
    let variable = format!("STRIPE_WEBHOOK_SECRET:{secret}");
    run(wrangler(WORKER)?.args(["dev", "--ip", "127.0.0.1", "--var", &variable]))
}

/// Puts what was built in place, or says with `--dry-run` what that would be.
pub fn deploy(dry_run: Option<&str>) -> Result<(), Failure> {
    run(wrangler(WORKER)?.arg("deploy").args(dry_run))
}
