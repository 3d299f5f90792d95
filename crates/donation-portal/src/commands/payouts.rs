//! `donation-portal payouts`

mod account;
mod fees;
mod filter;
mod journal;
mod list;
mod show;

use clap::Subcommand;
use portal_domain::{Text, text};

use crate::exit::{Exit, Failure};

/// List and show payouts, and the account that they are paid from
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List payouts, the last made first, each with the state of its statement
    List(list::Args),
    /// Show what a payout is the sum of, or what it differs by
    ///
    /// Exit code 0 means that the payout is explained, or was made by hand; 1 that it is not.
    Show(show::Args),
    /// Show what came to the balance in a period and what left it, and whether that is what Stripe says
    ///
    /// Exit code 0 means that the account adds up, as far as Stripe was asked; 1 that it does not, or
    /// that not all of the period was read.
    Account(account::Args),
    /// Show the fees of a month of UTC, as Stripe's invoice counts them
    Fees(fees::Args),
    /// Write the journal entries (仕訳) of a month for Japanese bookkeeping
    ///
    /// Nothing is written, and the exit code is 1, if any payout of the month is neither explained nor
    /// returned, or if not all of the month was read.
    Journal(journal::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Account(args) => account::run(&args),
        Command::Fees(args) => fees::run(&args),
        Command::Journal(args) => journal::run(&args),
    }
}

/// Returns the step of reading payouts, in an error.
fn reading_payouts() -> Text {
    text!("read the payouts", "入金を読み取れません")
}
