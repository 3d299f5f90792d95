//! `donation-portal alerts`

mod list;
mod test;

use clap::Subcommand;

use crate::exit::{Exit, Failure};

/// List alerts; test notification channels
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List alerts, most recently raised or ended first
    List(list::Args),
    /// Send a test alert to each configured channel
    Test(test::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Test(args) => test::run(&args),
    }
}
