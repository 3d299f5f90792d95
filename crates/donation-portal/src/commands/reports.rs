//! `donation-portal reports`

mod list;
pub(crate) mod show;

use clap::Subcommand;

use crate::exit::{Exit, Failure};

/// Look at the completeness reports.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List reports, the last made first
    List(list::Args),
    /// Show one report: what was compared, what was repaired, what is open
    Show(show::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
    }
}
