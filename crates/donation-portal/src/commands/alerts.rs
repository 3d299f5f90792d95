//! `donation-portal alerts`

mod list;
mod test;

use clap::Subcommand;

use crate::exit::{Exit, Failure};

/// Look at what operators were to be told, and try how they are told
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List alerts, the last raised or ended first; works beside a running server
    List(list::Args),
    /// Send a test alert through each channel, and say what came back
    Test(test::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Test(args) => test::run(&args),
    }
}
