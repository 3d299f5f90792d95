//! The project's tasks: `cargo xtask --help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tasks talk to the terminal")]
#![expect(
    clippy::disallowed_methods,
    reason = "tasks read the clock and the environment themselves"
)]

mod run;
mod steps;

mod lint;

mod test;

mod chance;
mod database;
mod delivery;
mod http;
mod server;

mod clients;

mod worker;

mod packages;
mod toolchain;

mod crash;

mod outage;

mod fuzz;

mod bench;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::run::Failure;

/// The repository's root: where every task runs.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The project's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every test: unit, integration and doc tests, the real clients, then the Worker.
    Test,
    /// Check formatting, lints, documentation, dependencies and the build for wasm32.
    Lint(lint::Arguments),
    /// Let Stripe's own tools and libraries send to the server.
    Clients,
    /// Build the Worker, run it here, show it right in Cloudflare's runtime, or put it in place.
    Worker(worker::Arguments),
    /// Kill the server at random instants, restart its database or fill its disk, and count what it
    /// had acknowledged.
    Crash(crash::Arguments),
    /// Make up for an outage of three days by asking a stand-in for Stripe, killed on the way.
    Outage(outage::Arguments),
    /// Run the fuzz targets.
    Fuzz(fuzz::Arguments),
    /// Measure the server beside a bare handler, or a straightforward service, in one run.
    Bench(bench::Arguments),
    /// The bare handler that `bench` measures beside the server.
    #[command(hide = true)]
    BenchFloor(bench::FloorArguments),
    /// The straightforward service that `bench --store postgres` measures beside the server.
    #[command(hide = true)]
    BenchStraightforward(bench::StraightforwardArguments),
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    match at_root(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nFAILED: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn at_root(command: Command) -> Result<(), Failure> {
    let root = std::fs::canonicalize(ROOT)?;
    std::env::set_current_dir(root)?;
    match command {
        Command::Test => test::test(),
        Command::Lint(arguments) => lint::lint(&arguments),
        Command::Clients => clients::clients(),
        Command::Worker(arguments) => worker::worker(&arguments),
        Command::Crash(arguments) => crash::crash(&arguments),
        Command::Outage(arguments) => outage::outage(&arguments),
        Command::Fuzz(arguments) => fuzz::fuzz(&arguments),
        Command::Bench(arguments) => bench::bench(arguments),
        Command::BenchFloor(arguments) => bench::floor(&arguments),
        Command::BenchStraightforward(arguments) => bench::straightforward(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
