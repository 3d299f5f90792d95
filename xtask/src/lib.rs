//! Parts that the tasks and the tools share: running programs in steps, and what is installed
//! and built on the way.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tasks talk to the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "tasks read the clock and the environment themselves"
)]

pub mod figures;
pub mod run;
pub mod steps;

pub mod chance;

pub mod packages;
pub mod toolchain;

pub mod checkers;
pub mod debian;

pub mod deployment;
pub mod workflows;

pub mod worker;

use std::process::ExitCode;

use crate::run::Failure;

/// The repository's root: where every task runs.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Runs a task at the repository's root; says why it failed.
pub fn at_root(task: impl FnOnce() -> Result<(), Failure>) -> ExitCode {
    let outcome = std::fs::canonicalize(ROOT)
        .and_then(std::env::set_current_dir)
        .map_err(Failure::from)
        .and_then(|()| task());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nFAILED: {failure}");
            ExitCode::FAILURE
        }
    }
}
