//! The project's tasks: `cargo xtask --help`.
#![expect(clippy::print_stdout, reason = "tasks talk to the terminal")]
#![expect(clippy::disallowed_methods, reason = "tasks read the clock themselves")]

mod lint;

mod test;

mod evidence;

mod fuzz;

mod package;

mod tool;

mod rounds;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::run::Failure;
use xtask::steps::Steps;
use xtask::worker;

use crate::rounds::{NIGHTLY, SHORT};
use crate::tool::{Arguments, Optimized, Tool};

/// The project's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run all tests on SQLite, on PostgreSQL and on Workers; install what they need.
    Test,
    /// Check formatting, lints, documentation, dependencies and the build for wasm32.
    Lint(lint::Arguments),
    /// Run what CI runs: `lint`, `test`, and a short round of each of the tasks below.
    Ci,
    /// Run the long rounds: packages, model, kills, full disk, strangers, outage, browser, monitoring,
    /// clients, fuzz, benches with their trend.
    Nightly,
    /// Show what is promised at full length, before a release: kills, power cuts, strangers, an outage, 10⁸
    /// inputs, benches. Goes on where it was cut off, and writes docs/evidence.md.
    ///
    /// Example: cargo xtask evidence kills fuzz
    Evidence {
        /// Only the rounds whose names begin so
        names: Vec<String>,
    },
    /// Build the Worker, run it here, test it in Cloudflare's runtime, or deploy it.
    #[command(subcommand)]
    Worker(Worker),
    /// Build what is released, the Debian package and the image, and try each.
    Package,
    /// Let Stripe's own tools and libraries send to the server and to the Worker.
    #[command(disable_help_flag = true)]
    Clients(Arguments),
    /// Open every page of the console in a real browser, and look for what a person would stumble over.
    #[command(disable_help_flag = true)]
    Browser(Arguments),
    /// Kill the server at random instants, cut its power, restart its database or fill its disk, and
    /// count what it had acknowledged.
    #[command(disable_help_flag = true)]
    Crash(Arguments),
    /// Send what strangers send, and see what everybody else notices of it.
    #[command(disable_help_flag = true)]
    Hostile(Arguments),
    /// Let Prometheus collect the metrics of the server, and answer every query of the rules and the
    /// dashboard.
    #[command(disable_help_flag = true)]
    Monitoring(Arguments),
    /// Make up for an outage of three days by asking a stand-in for Stripe, killed on the way.
    #[command(disable_help_flag = true)]
    Outage(Arguments),
    /// Run the fuzz targets.
    Fuzz(fuzz::Arguments),
    /// Measure the server beside a bare handler, a straightforward service, or receivers in other
    /// languages, in one run.
    #[command(disable_help_flag = true)]
    Bench(Arguments),
}

#[derive(Subcommand)]
enum Worker {
    /// Build it, and say what it weighs.
    Build,
    /// Run it on this machine, with a throw-away secret.
    Dev,
    /// Test it in the local runtime.
    #[command(disable_help_flag = true)]
    Test(Arguments),
    /// Build it, and count the rows that it reads and writes on D1: a part of `test`.
    #[command(disable_help_flag = true)]
    Rows(Arguments),
    /// Build it, and deploy it.
    Deploy {
        /// Only say what would be deployed.
        #[arg(long)]
        dry_run: bool,
    },
}

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    xtask::at_root(|| run(command))
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Test => {
            let worker = test::build_worker_beside()?;
            in_steps(|steps| test::take(steps, worker))
        }
        Command::Lint(arguments) => in_steps(|steps| lint::take(steps, &arguments)),
        Command::Ci => {
            let worker = test::build_worker_beside()?;
            in_steps(|steps| {
                let arguments = lint::Arguments { worker_follows: true, ..Default::default() };
                lint::take(steps, &arguments);
                test::take(steps, worker);
                SHORT.take(steps);
            })
        }
        Command::Nightly => in_steps(|steps| {
            package::take(steps);
            NIGHTLY.take(steps);
        }),
        Command::Evidence { names } => in_steps(|steps| evidence::take(steps, &names)),
        Command::Worker(task) => run_worker(task),
        Command::Package => in_steps(package::take),
        Command::Clients(it) => Tool::Clients.run(Optimized::No, it.words),
        Command::Browser(it) => Tool::Browser.run(Optimized::No, it.words),
        Command::Crash(it) => Tool::Crash.run(Optimized::No, it.words),
        Command::Hostile(it) => Tool::Hostile.run(Optimized::No, it.words),
        Command::Monitoring(it) => Tool::Monitoring.run(Optimized::No, it.words),
        Command::Outage(it) => Tool::Outage.run(Optimized::No, it.words),
        Command::Fuzz(arguments) => in_steps(|steps| fuzz::take(steps, &arguments)),
        Command::Bench(it) => Tool::Bench.run(Optimized::Yes, it.words),
    }
}

fn run_worker(task: Worker) -> Result<(), Failure> {
    match task {
        Worker::Build => worker::build_and_weigh(),
        Worker::Dev => worker::dev(),
        Worker::Test(it) => Tool::WorkerTest.run(Optimized::No, it.words),
        Worker::Rows(it) => Tool::WorkerRows.run(Optimized::No, it.words),
        Worker::Deploy { dry_run } => {
            worker::build_and_weigh()?;
            worker::deploy(dry_run.then_some("--dry-run"))
        }
    }
}

fn in_steps(take: impl FnOnce(&mut Steps)) -> Result<(), Failure> {
    let mut steps = Steps::default();
    take(&mut steps);
    steps.finish()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::{CommandFactory as _, Parser as _};

    use super::{Command, CommandLine};

    /// The folders that have documents.
    const DOCUMENTS: [&str; 3] = ["..", "../docs", "../docs/decisions"];

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_tool_gets_every_word_that_follows_its_name() {
        let words = ["--help", "--rounds", "3", "--", "-x"];
        let line = ["cargo xtask", "crash"].into_iter().chain(words);
        let Ok(CommandLine { command: Command::Crash(taken) }) = CommandLine::try_parse_from(line)
        else {
            panic!("the command line is not taken");
        };
        assert_eq!(taken.words, words);
    }

    #[test]
    fn every_task_that_a_document_names_exists() -> Result<(), std::io::Error> {
        let line = CommandLine::command();
        let mut named = 0;
        for folder in DOCUMENTS {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_none_or(|it| it != "md") {
                    continue;
                }
                for task in fs::read_to_string(&path)?.split("cargo xtask ").skip(1) {
                    let task: String = task.chars().take_while(char::is_ascii_lowercase).collect();
                    let known = task.is_empty() || line.find_subcommand(&task).is_some();
                    assert!(known, "{}: cargo xtask {task}", path.display());
                    named += 1;
                }
            }
        }
        assert!(named > 10, "only {named} were found");
        Ok(())
    }
}
