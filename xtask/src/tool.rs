//! The tools: programs of the workspace in `tools`, which is built only when one of them is called.

use std::ffi::{OsStr, OsString};

use clap::Args;
use xtask::figures;
use xtask::run::{Failure, cargo, command, run, target_folder};

/// The arguments of a tool, which explains them itself: `--help`.
#[derive(Args)]
pub(crate) struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    pub(crate) words: Vec<OsString>,
}

/// Each tool.
#[derive(Clone, Copy)]
pub(crate) enum Tool {
    Bench,
    Browser,
    Clients,
    Crash,
    Hostile,
    Monitoring,
    Outage,
    WorkerRows,
    WorkerTest,
}

/// A load generator shares the machine with what it measures, so it is compiled for speed; for all
/// else that takes too long.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Optimized {
    Yes,
    No,
}

impl Tool {
    /// The program, and which of its commands.
    const fn program(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Bench => ("portal-bench", None),
            Self::Browser => ("portal-browser", None),
            Self::Clients => ("portal-clients", None),
            Self::Crash => ("portal-chaos", Some("crash")),
            Self::Hostile => ("portal-chaos", Some("hostile")),
            Self::Monitoring => ("portal-monitoring", None),
            Self::Outage => ("portal-chaos", Some("outage")),
            Self::WorkerRows => ("portal-workerd", Some("rows")),
            Self::WorkerTest => ("portal-workerd", Some("test")),
        }
    }

    /// The task that runs it.
    pub(crate) const fn task(self) -> &'static str {
        match self {
            Self::Bench => "bench",
            Self::Browser => "browser",
            Self::Clients => "clients",
            Self::Crash => "crash",
            Self::Hostile => "hostile",
            Self::Monitoring => "monitoring",
            Self::Outage => "outage",
            Self::WorkerRows => "worker rows",
            Self::WorkerTest => "worker test",
        }
    }

    /// Builds it, and runs it with `words`.
    pub(crate) fn run<W: AsRef<OsStr>>(
        self,
        optimized: Optimized,
        words: impl IntoIterator<Item = W>,
    ) -> Result<(), Failure> {
        let (program, subcommand) = self.program();
        let target = target_folder()?;
        // With the features of the whole workspace, so that the tools share what is compiled.
        let mut build = in_tools(&["build", "--quiet", "--workspace", "--bin", program])?;
        let folder = match optimized {
            Optimized::Yes => {
                build.arg("--release");
                "release"
            }
            Optimized::No => "debug",
        };
        run(&mut build)?;
        let mut tool = command(target.join(folder).join(program), &[]);
        tool.envs(figures::file().map(|it| (figures::VARIABLE, it)));
        run(tool.args(subcommand).args(words))
    }
}

/// `cargo` with `arguments` for the workspace of the tools, building into our folder.
pub(crate) fn in_tools(arguments: &[&str]) -> Result<std::process::Command, Failure> {
    let mut cargo = cargo(arguments);
    cargo.args(["--manifest-path", "tools/Cargo.toml", "--target-dir"]).arg(target_folder()?);
    Ok(cargo)
}
