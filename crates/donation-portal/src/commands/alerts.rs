//! `donation-portal alerts`

mod act;
mod list;
mod test;

use clap::Subcommand;

use crate::exit::{Exit, Failure};

/// List, acknowledge and silence alerts; test notification channels
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List alerts, most recently raised or ended first
    List(list::Args),
    /// Acknowledge an open alert: it is not repeated any more
    ///
    /// Another cause of it, its end and its return are notified as before.
    #[command(after_help = "Example: donation-portal alerts acknowledge event_dead")]
    Acknowledge(act::Args),
    /// Silence an alert for some time: no channel is notified of it, but of its end
    ///
    /// At most 7 days. That the database takes no writes is never silent.
    Silence(act::SilenceArgs),
    /// End the silence of an alert
    #[command(after_help = "Example: donation-portal alerts unsilence event_dead")]
    Unsilence(act::Args),
    /// Send a test alert to each configured channel
    Test(test::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(&args),
        Command::Acknowledge(args) => act::acknowledge(&args),
        Command::Silence(args) => act::silence(&args),
        Command::Unsilence(args) => act::unsilence(&args),
        Command::Test(args) => test::run(&args),
    }
}
