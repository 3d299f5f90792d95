//! `lint`: what can be known without running anything.

use clap::Args;

use crate::run::{Failure, cargo, install, run};
use crate::steps::Steps;
use crate::toolchain::Toolchain;

/// The crates that do without files, sockets and threads, and so run on Cloudflare Workers.
const ON_WORKERS: [&str; 8] = [
    "portal-domain",
    "portal-http",
    "portal-outbound",
    "portal-sqlite",
    "portal-d1",
    "portal-worker",
    "portal-store-suite",
    "portal-d1-suite",
];

/// What to check besides.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Also ask the database of security advisories, which needs the network.
    #[arg(long)]
    advisories: bool,
}

/// Runs every check, so that one run tells all there is to mend.
pub(crate) fn lint(arguments: &Arguments) -> Result<(), Failure> {
    let mut steps = Steps::default();
    steps.take("format", || {
        run(&mut cargo(&["fmt", "--all", "--check"]))?;
        run(&mut cargo(&["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))
    });
    steps.take("clippy", || {
        run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
        // A workspace of its own, whose other runs are long and seldom.
        let mut fuzz = cargo(&["clippy", "--manifest-path", "fuzz/Cargo.toml"]);
        run(fuzz.args(["--target-dir", "target", "--", "-D", "warnings"]))
    });
    steps.take("documentation", || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.take("dependencies", || dependencies(arguments));
    steps.take("wasm32", || Toolchain::find()?.check(&ON_WORKERS));
    steps.finish()
}

fn dependencies(arguments: &Arguments) -> Result<(), Failure> {
    install("cargo-deny", &mut cargo(&["deny", "--version"]))?;
    run(&mut cargo(&["deny", "--workspace", "check", "bans", "licenses", "sources"]))?;
    if arguments.advisories {
        run(&mut cargo(&["deny", "--workspace", "check", "advisories"]))?;
    }
    Ok(())
}
