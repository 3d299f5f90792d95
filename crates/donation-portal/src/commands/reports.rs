//! `donation-portal reports`

mod list;
pub(crate) mod show;

use clap::Subcommand;
use portal_domain::{Report, Text, UnixSeconds, text};
use serde::Serialize;

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

/// The JSON keys that `reports list` and `reports show` have in common, which are a contract. Times
/// are Unix seconds.
#[derive(Serialize)]
struct Head {
    report: u64,
    verdict: &'static str,
    since: UnixSeconds,
    until: UnixSeconds,
    made_at: UnixSeconds,
    livemode: bool,
    shown: u64,
    here: u64,
    events_recorded: u64,
    repaired: u64,
    open: u64,
}

impl Head {
    fn of(number: u64, report: &Report) -> Self {
        Self {
            report: number,
            verdict: report.verdict().name(),
            since: report.window.since,
            until: report.window.until,
            made_at: report.made_at,
            livemode: report.livemode,
            shown: report.shown,
            here: report.here(),
            events_recorded: report.events_recorded,
            repaired: report.repaired,
            open: report.open,
        }
    }
}
