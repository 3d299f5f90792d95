//! `donation-portal events`

mod action;
mod list;
mod reprocess;
mod show;
mod tail;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use portal_domain::{EventId, State, UnixSeconds};
use portal_service::period::Moment;
use portal_service::settings::Settings as _;

use crate::commands::time_of;
use crate::config::Listing;
use crate::exit::{Exit, Failure};

/// List, show, retry, acknowledge and ignore events
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List events, most recently received first
    List(list::Args),
    /// Show one event and its stored facts
    Show(show::Args),
    /// Reprocess events: decide their changes to the ledger again and write them
    ///
    /// Reprocess events that are processed, dead, or were ignored by an operator. Rows that the
    /// ledger has already are not changed. Events given by id alone are reprocessed at once; a
    /// selection by state or time is only counted unless --yes is given. Exit code 1 means that an
    /// event is still dead or could not be selected.
    #[command(
        after_help = "Examples:\n  donation-portal events retry evt_1MqqbKLt4dXK03v5qaIbiNCC\n  donation-portal events retry --state dead --since 7d\n  donation-portal events retry --state dead --since 7d --yes"
    )]
    Retry(action::Args),
    /// Mark events as ignored
    ///
    /// Ignore events that are dead or await their object; undo it with `events retry`. Events given
    /// by id alone are ignored at once; a selection by state or time is only counted unless --yes is
    /// given.
    #[command(
        after_help = "Examples:\n  donation-portal events ignore evt_1MqqbKLt4dXK03v5qaIbiNCC\n  donation-portal events ignore --state dead --until 2026-11-16 --yes"
    )]
    Ignore(action::Args),
    /// Acknowledge dead events: they stay dead, and are not notified again
    ///
    /// They have no effect on the ledger, as before; another event that dies is notified. Events given
    /// by id alone are acknowledged at once; a selection by state or time is only counted unless --yes
    /// is given.
    #[command(
        after_help = "Examples:\n  donation-portal events acknowledge evt_1MqqbKLt4dXK03v5qaIbiNCC\n  donation-portal events acknowledge --since 7d --yes"
    )]
    Acknowledge(action::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(&args),
        Command::Retry(args) => action::run(&args, &reprocess::Retry),
        Command::Ignore(args) => action::run(&args, &action::Ignore),
        Command::Acknowledge(args) => action::run(&args, &action::Acknowledge),
    }
}

fn event_id(id: &str) -> Result<EventId, &'static str> {
    EventId::new(id).ok_or(
        "an event id has 1 to 255 letters, digits, _ or -, such as evt_1MqqbKLt4dXK03v5qaIbiNCC",
    )
}

/// Returns a parser of the names of states.
fn state_name() -> PossibleValuesParser {
    PossibleValuesParser::new(State::NAMES)
}

/// Returns the name as the store's filters take it.
fn state(name: Option<&str>) -> Option<&'static str> {
    State::NAMES.iter().copied().find(|it| name == Some(it))
}

/// Returns the times of `--since` and `--until` in the time zone that is set.
fn times<const N: usize>(
    settings: &Listing,
    moments: [Option<Moment>; N],
    now: UnixSeconds,
) -> Result<[Option<UnixSeconds>; N], Failure> {
    let zone = settings.time_zone()?;
    let mut times = [None; N];
    for (time, moment) in times.iter_mut().zip(moments) {
        *time = time_of(moment, &zone, now, "--since or --until")?;
    }
    Ok(times)
}
