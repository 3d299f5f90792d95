//! `lint`: what can be known without running anything.

mod lock_files;

use std::process::Command;

use clap::Args;
use xtask::run::{Failure, cargo, install, run, target_folder};
use xtask::steps::Steps;
use xtask::toolchain::Toolchain;
use xtask::{deployment, workflows};

/// The crates that do without files, sockets and threads, and so run on Cloudflare Workers.
const ON_WORKERS: [&str; 9] = [
    "portal-domain",
    "portal-http",
    "portal-outbound",
    "portal-service",
    "portal-sqlite",
    "portal-d1",
    "portal-worker",
    "portal-contract",
    "portal-contract-d1",
];

/// The workspaces that stand apart: the fuzzer needs another compiler, the tools more time.
const APART: [&str; 2] = ["fuzz/Cargo.toml", "tools/Cargo.toml"];

/// The checks to make besides.
#[derive(Args, Default)]
pub(crate) struct Arguments {
    /// Also ask the database of security advisories, which needs the network.
    #[arg(long)]
    pub(crate) advisories: bool,
    /// True where the Worker and the suites for D1 are built afterwards: all that is checked for wasm32.
    #[arg(skip)]
    pub(crate) worker_follows: bool,
}

/// Takes every check, so that one run tells all there is to mend.
pub(crate) fn take(steps: &mut Steps, arguments: &Arguments) {
    steps.take("lint: format", || {
        no_conflict_markers()?;
        run(&mut cargo(&["fmt", "--all", "--check"]))?;
        APART.iter().try_for_each(|manifest| {
            run(&mut cargo(&["fmt", "--all", "--check", "--manifest-path", manifest]))
        })
    });
    steps.take("lint: clippy", || {
        run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
        APART.iter().try_for_each(|manifest| {
            let mut clippy = cargo(&["clippy", "--workspace", "--manifest-path", manifest]);
            clippy.arg("--target-dir").arg(target_folder()?);
            run(clippy.args(["--all-targets", "--", "-D", "warnings"]))
        })
    });
    steps.take("lint: documentation", || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.take("lint: dependencies", || dependencies(arguments));
    steps.take("lint: workflows", workflows::check);
    steps.take("lint: deployment", deployment::check);
    if !arguments.worker_follows {
        steps.take("lint: wasm32", || Toolchain::find()?.check(&ON_WORKERS));
    }
}

/// Refuses what a merge has left undecided, in any file; transcripts may end their lines as they do.
fn no_conflict_markers() -> Result<(), Failure> {
    const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let only_markers = "core.whitespace=-blank-at-eol,-blank-at-eof,-space-before-tab";
    run(Command::new("git").args(["-c", only_markers, "diff", "--check", EMPTY_TREE]))
}

fn dependencies(arguments: &Arguments) -> Result<(), Failure> {
    lock_files::expect_equal("Cargo.lock", &APART)?;
    install("cargo-deny", &mut cargo(&["deny", "--version"]))?;
    run(cargo(&["deny", "--workspace", "check", "bans"]).args(arguments.checks()))?;
    APART.iter().try_for_each(|manifest| {
        // No bans: those say which of our crates may know what.
        let mut deny = cargo(&["deny", "--config", "deny.toml", "--manifest-path", manifest]);
        run(deny.args(["--workspace", "check"]).args(arguments.checks()))
    })
}

impl Arguments {
    fn checks(&self) -> impl Iterator<Item = &'static str> {
        ["licenses", "sources"].into_iter().chain(self.advisories.then_some("advisories"))
    }
}
