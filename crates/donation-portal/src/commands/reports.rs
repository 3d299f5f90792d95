//! `donation-portal reports`

mod list;
pub(crate) mod show;

use clap::Subcommand;
use portal_domain::{Text, text};

use crate::exit::{Exit, Failure};

/// List and show completeness reports
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List reports, newest first
    List(list::Args),
    /// Show one report: its window, counts, findings and resources that could not be read
    Show(show::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
    }
}

/// Returns the step of reading reports, for [`finish`](super::finish).
pub(super) fn reading_reports() -> Text {
    text!("read the reports", "照合レポートを読み取れません")
}
