//! `donation-portal payouts`

mod account;
mod export;
mod fees;
mod filter;
mod journal;
mod lines;
mod list;
mod show;

use clap::Subcommand;
use portal_domain::payouts::{Account, lookup};
use portal_domain::{Store, Text, Window, text};

use crate::commands::finish;
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
    /// Export payouts or their lines as CSV
    Export(export::Args),
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
        Command::Export(args) => export::run(&args),
        Command::Fees(args) => fees::run(&args),
        Command::Journal(args) => journal::run(&args),
    }
}

/// Returns the step of reading payouts, in an error.
fn reading_payouts() -> Text {
    text!("read the payouts", "入金を読み取れません")
}

/// Returns the account of each currency over a period, or an error where not all of its lines are known:
/// no sum is shown over what was not read.
fn accounts(store: &dyn Store, livemode: bool, window: Window) -> Result<Vec<Account>, Failure> {
    let accounts = finish(reading_payouts(), lookup::accounts(store, livemode, window))?;
    accounts.ok_or_else(|| not_read(window))
}

fn not_read(Window { since, until }: Window) -> Failure {
    let why = text!(
        "not all lines of the balance from {since} to {until} were read",
        "{since} から {until} までの残高の明細を、すべては読み取れていません"
    );
    Failure::found_wrong(text!("the account", "残高の推移"), why).advise(text!(
        "read them: donation-portal reconcile --since {since}; the time until now is read once a day",
        "読み取ってください: donation-portal reconcile --since {since}（現在までの分は 1 日に 1 回読み取ります）"
    ))
}
