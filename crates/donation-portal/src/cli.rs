//! The command line: every command on one screen.

use std::error::Error as _;

use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory as _, Parser, Subcommand};
use portal_domain::Text;
use portal_outbound::Language;
use portal_service::settings::Settings as _;

use crate::commands;
use crate::config::{Given, Speech};
use crate::exit::{Exit, Failure};

/// Receive Stripe webhook events for a donation portal: verified, durable before the 200, each once
#[derive(Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 done, 1 found something wrong, 2 misuse, 3 could not.\n\nStart with: donation-portal dev",
    mut_arg("CLI_LANGUAGE", |it| it.global(true)),
    mut_arg("ALERT_LANGUAGE", |it| it.global(true).hide(true))
)]
struct Cli {
    #[command(flatten)]
    speech: Given<Speech>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service: receive events, record donations, send alerts
    Serve(commands::serve::Args),
    /// Try the service: make a throw-away secret, send sample donations to it, then serve
    Dev(commands::dev::Args),
    /// Sign sample events and post them to a webhook receiver
    Send(commands::send::Args),
    /// Verify a Stripe-Signature header and explain the result
    Verify(commands::verify::Args),
    /// List, show, retry and ignore events
    #[command(subcommand)]
    Events(commands::events::Command),
    /// List, show, total and export donations
    #[command(subcommand)]
    Donations(commands::donations::Command),
    /// List and show payouts, and the account that they are paid from
    #[command(subcommand)]
    Payouts(commands::payouts::Command),
    /// Compare the inbox and the ledger with Stripe, record what is missing, and report
    ///
    /// Compare the events, payments and invoices of a period with the inbox and the ledger, in both
    /// directions, and repair the ledger. The command can run beside a server, which does the same
    /// once a day. If it is interrupted, run the same command again: it resumes. Exit code 0 means
    /// that everything was read and every donation is here, once; 1 means that something differs
    /// or could not be read.
    Reconcile(commands::reconcile::Args),
    /// List and show completeness reports
    #[command(subcommand)]
    Reports(commands::reports::Command),
    /// Show on one screen if the service is ready, what came last, and what is open
    ///
    /// Ask the running server and the database; change nothing, and read nothing at Stripe. Exit
    /// code 0 means that the server is ready, no alert is open and no event is dead; 1 means anything
    /// else.
    Status(commands::status::Args),
    /// Ask the running server if it lives, or if it is ready, for containers and probes
    ///
    /// Exit code 0 means yes, 1 means no.
    Health(commands::health::Args),
    /// Check configuration, key, database and endpoint, and advise
    ///
    /// Ask Stripe, the database and the public URL, deliver a test event to that URL (it is recorded
    /// as ignored), and print each finding with what to do about it. Exit code 1 means that
    /// something is wrong.
    Doctor(commands::doctor::Args),
    /// List alerts; test notification channels
    #[command(subcommand)]
    Alerts(commands::alerts::Command),
    /// List what operators did
    #[command(subcommand)]
    Actions(commands::actions::Command),
    /// Show the effective configuration, with secrets masked
    Config(commands::config::Args),
    /// Run database migrations (serve runs them at startup)
    Migrate(commands::migrate::Args),
    /// Check stored donations against the ledger
    #[command(subcommand)]
    Ledger(commands::ledger::Command),
    /// Delete old events that are processed or ignored; keep the ledger
    ///
    /// Donations, refunds and disputes are kept, and so is every event that is dead or awaits its
    /// object. Alerts that ended are deleted with the events. The command can run beside a server.
    Prune(commands::prune::Args),
    /// Back up the SQLite database while it is in use
    ///
    /// The backup is a consistent, checked database that can replace the original. It holds
    /// everything that was acknowledged before the command started. Only its owner can read it. It
    /// is named FILE.partial until it is complete.
    Backup(commands::backup::Args),
    /// Put a backup in the place of a SQLite database
    ///
    /// Stop the server first. The backup is copied and checked before anything is moved; the old
    /// files are kept in a folder beside the database. Afterwards the command says what to run next.
    Restore(commands::restore::Args),
    /// Migrate from SQLite to PostgreSQL: copy all data and compare both databases
    ///
    /// Stop the server first: if the SQLite database changes during the copy, the command fails and
    /// the copy must be made again. If the command is interrupted, run it again: it resumes. No
    /// server starts on an incomplete copy. Afterwards set `DATABASE_URL` to the new database and
    /// start the server; Stripe resends what it could not deliver meanwhile. Keep the old file until
    /// the new database has been backed up.
    Copy(commands::copy::Args),
    /// Print a shell completion script
    Completions(commands::completions::Args),
    /// Write a man page for each command into a folder, for packages
    #[command(hide = true)]
    Man(commands::man::Args),
}

/// Parses the arguments, runs the command, and reports its error.
pub(crate) fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error)
            if matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) =>
        {
            return bad_value(&error).report(Language::En);
        }
        Err(error) => error.exit(),
    };
    let language = cli.speech.cli_language().unwrap_or_default();
    carry_out(cli.command).unwrap_or_else(|failure| failure.report(language))
}

fn carry_out(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Serve(args) => commands::serve::run(&args),
        Command::Dev(args) => commands::dev::run(&args),
        Command::Send(args) => commands::send::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Events(command) => commands::events::run(command),
        Command::Donations(command) => commands::donations::run(command),
        Command::Payouts(command) => commands::payouts::run(command),
        Command::Reconcile(args) => commands::reconcile::run(&args),
        Command::Reports(command) => commands::reports::run(command),
        Command::Health(args) => commands::health::run(&args),
        Command::Status(args) => commands::status::run(&args),
        Command::Doctor(args) => commands::doctor::run(&args),
        Command::Alerts(command) => commands::alerts::run(command),
        Command::Actions(command) => commands::actions::run(command),
        Command::Config(args) => commands::config::run(&args),
        Command::Migrate(args) => commands::migrate::run(&args),
        Command::Ledger(command) => commands::ledger::run(&command),
        Command::Prune(args) => commands::prune::run(&args),
        Command::Backup(args) => commands::backup::run(&args),
        Command::Restore(args) => commands::restore::run(&args),
        Command::Copy(args) => commands::copy::run(&args),
        Command::Man(args) => commands::man::run(&args, Cli::command()),
        Command::Completions(args) => commands::completions::run(&args, &mut Cli::command()),
    }
}

/// Returns clap's error about a bad value, without its advice to read the help; in English, as all of
/// clap's.
fn bad_value(error: &clap::Error) -> Failure {
    let context = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let (argument, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    match error.source() {
        Some(source) => {
            let why = format_args!("'{value}' is not a valid value: {source}");
            Failure::misuse(argument, Text::same(why))
        }
        None => {
            let why = Text::same(format_args!("'{value}' is not a valid value"));
            let advice = format_args!("give one of {}", context(ContextKind::ValidValue));
            Failure::misuse(argument, why).advise(Text::same(advice))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
