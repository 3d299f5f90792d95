//! The command line: every command on one screen.

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands;
use crate::exit::{Exit, Failure};

/// Takes Stripe's events in for a donation portal: verified, durable before the 200, each once.
#[derive(Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 done, 1 found something wrong, 2 misuse, 3 could not."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Receive events: the service itself
    Serve(commands::serve::Args),
    /// Try it: a throw-away secret, three sample donations sent to itself, then serve
    Dev(commands::dev::Args),
    /// Sign sample events and post them to a receiver
    Send(commands::send::Args),
    /// Explain what the server says to a signature, and why
    Verify(commands::verify::Args),
    /// Look at the events in the inbox, and give them another turn
    #[command(subcommand)]
    Events(commands::events::Command),
    /// Look at the donations: lists, totals, exports
    #[command(subcommand)]
    Donations(commands::donations::Command),
    /// Ask Stripe what happened, record what is missing here, and report
    ///
    /// Compares the events, payments and invoices of a time with the inbox and the ledger, both
    /// ways, and repairs the ledger. Works beside a running server, which does the same once a day
    /// by itself. Where it is cut off, the same command goes on from there. Exit code 0 says that
    /// all was looked at and every donation is here, once; 1 that it is not so.
    Reconcile(commands::reconcile::Args),
    /// Look at the completeness reports
    #[command(subcommand)]
    Reports(commands::reports::Command),
    /// Look for all that may be wrong with configuration, key, database and endpoint
    ///
    /// Asks Stripe, the database and the public URL, delivers a test event there, which is ignored,
    /// and says of each what was found and what to do. Exit code 1 says that something is wrong.
    Doctor(commands::doctor::Args),
    /// Look at what operators were to be told
    #[command(subcommand)]
    Alerts(commands::alerts::Command),
    /// Show the effective configuration, secrets masked
    Config(commands::config::Args),
    /// Bring the database's schema up to date (serve does so by itself)
    Migrate(commands::migrate::Args),
    /// Prove that what is kept of donations is what follows from the ledger
    #[command(subcommand)]
    Ledger(commands::ledger::Command),
    /// Forget old events that are processed or ignored; the ledger stays
    ///
    /// Donations, refunds and disputes stay, and so does every event that is dead or awaits its
    /// object. Alerts that ended are forgotten with the events. Works beside a running server.
    Prune(commands::prune::Args),
    /// Copy the database while it is in use
    ///
    /// The copy is as the database was at one moment, holds all that was acknowledged before the
    /// copying began, is checked, and can be used in the database's place. Only its owner may read
    /// it. Until it is whole it has the name FILE.partial.
    Backup(commands::backup::Args),
    /// Move from SQLite to PostgreSQL: copy the inbox and the ledger, and compare both
    ///
    /// Stop the server first: what comes in meanwhile is noticed, and then the copy has to be made
    /// again. A copy that was cut off is gone on with when the command is run again, and until it has
    /// ended no server starts on it. Then set `DATABASE_URL` to the new place and start the server;
    /// what Stripe could not deliver meanwhile it sends again. Keep the old file until the first
    /// backup of the new place.
    Copy(commands::copy::Args),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
}

/// Parses, matches, runs.
pub(crate) fn run() -> Result<Exit, Failure> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error)
            if matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) =>
        {
            return Err(Failure::misuse(in_one_line(&error)));
        }
        Err(error) => error.exit(),
    };
    match cli.command {
        Command::Serve(args) => commands::serve::run(args),
        Command::Dev(args) => commands::dev::run(args),
        Command::Send(args) => commands::send::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Events(command) => commands::events::run(command),
        Command::Donations(command) => commands::donations::run(command),
        Command::Reconcile(args) => commands::reconcile::run(&args),
        Command::Reports(command) => commands::reports::run(command),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Alerts(command) => commands::alerts::run(command),
        Command::Config(args) => commands::config::run(&args),
        Command::Migrate(args) => commands::migrate::run(&args),
        Command::Ledger(command) => commands::ledger::run(&command),
        Command::Prune(args) => commands::prune::run(&args),
        Command::Backup(args) => commands::backup::run(&args),
        Command::Copy(args) => commands::copy::run(&args),
        Command::Completions(args) => commands::completions::run(&args, &mut Cli::command()),
    }
}

/// What clap says of a bad value, without its advice to read the help.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).take_while(|it| !it.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
