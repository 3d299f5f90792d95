//! `donation-portal events`

mod action;
mod list;
mod reprocess;
mod show;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use jiff::tz::TimeZone;
use portal_domain::{EventId, State, UnixSeconds};

use crate::exit::{Exit, Failure};
use crate::period;

/// Look at the events in the inbox, and say what is to become of them.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List events, the last received first; works beside a running server
    List(list::Args),
    /// Show one event and the facts kept of it
    Show(show::Args),
    /// Reprocess events: decide anew what they change in the ledger, and write it
    ///
    /// Events that are processed, dead, or were ignored by an operator can be reprocessed; what the
    /// ledger has already stays as it is. Given ids alone it acts at once; a selection by state or
    /// time is only counted, unless --yes is given. Says what came of it, and exits with 1 where an
    /// event is still dead.
    Retry(action::Args),
    /// Say of events that they are to have no effect
    ///
    /// Events that await their object or are dead can be ignored; `events retry` takes it back. Given
    /// ids alone it acts at once; a selection by state or time is only counted, unless --yes is
    /// given.
    Ignore(action::Args),
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(&args),
        Command::Retry(args) => action::run(&args, &reprocess::Retry),
        Command::Ignore(args) => action::run(&args, &action::Ignore),
    }
}

fn event_id(id: &str) -> Result<EventId, &'static str> {
    EventId::new(id).ok_or("an event id is made of 1 to 255 letters, digits, _ or -")
}

/// Takes the name of a state.
fn state_name() -> PossibleValuesParser {
    PossibleValuesParser::new(State::NAMES)
}

/// The state of that name, as the store wants it.
fn state(name: Option<&str>) -> Option<&'static str> {
    State::NAMES.iter().copied().find(|it| name == Some(it))
}

/// A time; a date is its midnight in UTC.
fn moment(time: &str) -> Result<UnixSeconds, &'static str> {
    period::moment(time)?.in_zone(&TimeZone::UTC)
}
