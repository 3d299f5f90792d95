//! `lint`: what can be known without running anything.

use clap::Args;

use crate::run::{Failure, cargo, install, run};
use crate::steps::Steps;
use crate::wasm;

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
        run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    steps.take("documentation", || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.take("dependencies", || dependencies(arguments));
    steps.take("wasm32", wasm::check);
    steps.finish()
}

fn dependencies(arguments: &Arguments) -> Result<(), Failure> {
    install("cargo-deny", &["deny", "--version"])?;
    run(&mut cargo(&["deny", "--workspace", "check", "bans", "licenses", "sources"]))?;
    if arguments.advisories {
        run(&mut cargo(&["deny", "--workspace", "check", "advisories"]))?;
    }
    Ok(())
}
