//! Building the Worker, and what it weighs.

use std::path::Path;

use crate::run::{Failure, command};
use crate::toolchain::Toolchain;

/// The Worker's crate.
pub(crate) const WORKER: &str = "crates/portal-worker";

/// What is put in place: the program and what loads it.
const FILES: [&str; 2] = ["build/index_bg.wasm", "build/index.js"];

/// The largest that both may be together, compressed, in bytes: a third of what Cloudflare's free
/// plan takes (<https://developers.cloudflare.com/workers/platform/limits/#worker-size>), as a small
/// Worker starts sooner.
const COMPRESSED_BYTES_MAX: usize = 1_000_000;

/// Builds the Worker; fails where it is too large.
pub(crate) fn build(toolchain: &Toolchain) -> Result<(), Failure> {
    toolchain.worker_build(WORKER)?;
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
