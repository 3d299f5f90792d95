//! `donation-portal donations`

mod columns;
mod export;
mod filter;
mod list;
mod show;
mod totals;

use clap::Subcommand;

use crate::exit::{Exit, Failure};

/// Look at the donations: what the ledger yields once for each gift.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List donations, the last paid (or else changed) first; works beside a running server
    List(list::Args),
    /// Show one donation and how its amount came about, by any id that belongs to it
    Show(show::Args),
    /// Add up what was paid, by currency, kind and mode
    ///
    /// Only what is paid and certain counts. What may turn out to be part of an invoice is
    /// provisional: in no total, and mentioned on standard error.
    Totals(totals::Args),
    /// Write all donations of a period to standard output or to a file
    ///
    /// They are read page by page. A donation that changes meanwhile may be missing: export a
    /// period that is over.
    Export(export::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Totals(args) => totals::run(&args),
        Command::Export(args) => export::run(&args),
    }
}
