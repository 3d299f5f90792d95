//! `donation-portal donations`

mod columns;
mod export;
mod filter;
mod list;
mod show;
mod totals;

use clap::Subcommand;

use crate::exit::{Exit, Failure};

/// List, show, total and export donations
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List donations, most recently paid first; those not paid by their last change
    List(list::Args),
    /// Show one donation and how its amount is made up, by any id that belongs to it
    Show(show::Args),
    /// Total paid donations by currency, kind and mode
    ///
    /// Count paid donations only. A payment that may turn out to be part of an invoice is
    /// provisional: it is in no total and is mentioned on standard error.
    Totals(totals::Args),
    /// Export all donations of a period to standard output or a file
    ///
    /// Export a period that is over: donations are read page by page, and one that changes meanwhile
    /// may be missing.
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
