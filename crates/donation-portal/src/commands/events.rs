//! `donation-portal events`

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use clap::Subcommand;
use portal_domain::{
    AccountPath, Event, EventFilter, EventId, EventType, Facts, ObjectId, Origin, Payload, State,
    Store as _, StoreError, Token, UnixSeconds,
};
use serde::Serialize;

use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, ListFormat, OneFormat};

/// Look at the events in the inbox.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List events, the last received first; works beside a running server
    List(List),
    /// Show one event and the facts kept of it
    Show(Show),
}

/// Which events, and how to print them.
#[derive(clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    database: Database,

    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Only this event type
    #[arg(long = "type", value_name = "EVENT_TYPE", value_parser = event_type)]
    event_type: Option<EventType>,

    /// Only this state
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(State::NAMES))]
    state: Option<String>,

    /// Only what was received then or later: a date, an RFC 3339 time or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<UnixSeconds>,

    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

/// Which event, and how to print it.
#[derive(clap::Args)]
pub(crate) struct Show {
    #[command(flatten)]
    database: Database,

    /// The event's id (evt_…)
    #[arg(value_parser = event_id)]
    id: EventId,

    /// How to print
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(args) => list(args),
        Command::Show(args) => show(&args),
    }
}

fn list(args: List) -> Result<Exit, Failure> {
    let store = args.database.open_to_read()?;
    let state = State::NAMES.into_iter().find(|name| args.state.as_deref() == Some(name));
    let filter =
        EventFilter { event_type: args.event_type, state, since: args.since, limit: args.limit };
    let events = finish(store.events(&filter))?;
    match args.format {
        ListFormat::Json => {
            for event in &events {
                output::print_json(&Summary::of(event))?;
            }
        }
        ListFormat::Csv => {
            // Ids, words and numbers: nothing here needs quoting.
            output::print("id,type,created,livemode,state,reason,origin,received_at")?;
            for event in &events {
                output::print(columns(event, |at| at.get().to_string()).join(","))?;
            }
        }
        ListFormat::Table => {
            let mut table = output::table(&[
                "id", "type", "created", "livemode", "state", "reason", "origin", "received",
            ]);
            table.add_rows(events.iter().map(|event| columns(event, |at| at.to_string())));
            output::print(table)?;
        }
    }
    Ok(Exit::Done)
}

fn show(args: &Show) -> Result<Exit, Failure> {
    let store = args.database.open_to_read()?;
    let Some(event) = finish(store.event(&args.id))? else {
        return Err(Failure::found_wrong(format!("there is no event {} in the inbox", args.id)));
    };
    match args.format {
        OneFormat::Json => output::print_json(&Whole::of(&event))?,
        OneFormat::Text => output::print_json_pretty(&Whole::of(&event))?,
    }
    Ok(Exit::Done)
}

fn columns(event: &Event, time: impl Fn(UnixSeconds) -> String) -> [String; 8] {
    [
        event.id.to_string(),
        event.event_type.to_string(),
        time(event.created),
        event.livemode.to_string(),
        event.state.to_string(),
        event.state.reason().unwrap_or_default().to_owned(),
        event.origin.name().to_owned(),
        time(event.received_at),
    ]
}

/// The contract of `events list --format json`. Times are Unix seconds.
#[derive(Serialize)]
struct Summary<'e> {
    id: &'e EventId,
    r#type: &'e EventType,
    created: UnixSeconds,
    livemode: bool,
    state: &'static str,
    reason: Option<&'static str>,
    origin: Origin,
    received_at: UnixSeconds,
}

/// The contract of `events show --format json`.
#[derive(Serialize)]
struct Whole<'e> {
    #[serde(flatten)]
    summary: Summary<'e>,
    payload: Payload,
    api_version: Option<&'e Token>,
    account: Option<&'e AccountPath>,
    object_id: Option<&'e ObjectId>,
    snapshot_event: Option<&'e EventId>,
    facts: Option<&'e Facts>,
}

impl<'e> Summary<'e> {
    fn of(event: &'e Event) -> Self {
        Self {
            id: &event.id,
            r#type: &event.event_type,
            created: event.created,
            livemode: event.livemode,
            state: event.state.name(),
            reason: event.state.reason(),
            origin: event.origin,
            received_at: event.received_at,
        }
    }
}

impl<'e> Whole<'e> {
    fn of(event: &'e Event) -> Self {
        Self {
            summary: Summary::of(event),
            payload: event.payload,
            api_version: event.api_version.as_ref(),
            account: event.account.as_ref(),
            object_id: event.object_id.as_ref(),
            snapshot_event: event.snapshot_event.as_ref(),
            facts: event.facts.as_ref(),
        }
    }
}

/// Runs a step of the SQLite store, which blocks and so is ready when it returns.
fn finish<T>(step: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
    match pin!(step).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done.map_err(|error| Failure::could_not("read the inbox", error)),
        Poll::Pending => Err(Failure::could_not("read the inbox", "the store did not answer")),
    }
}

fn event_type(name: &str) -> Result<EventType, &'static str> {
    EventType::new(name)
        .ok_or("an event type is made of lower-case words and dots, such as invoice.paid")
}

fn event_id(id: &str) -> Result<EventId, &'static str> {
    EventId::new(id).ok_or("an event id is made of 1 to 255 letters, digits, _ or -")
}

fn since(time: &str) -> Result<UnixSeconds, &'static str> {
    let seconds = || time.parse().ok().and_then(UnixSeconds::new);
    let date = || UnixSeconds::from_rfc3339(&format!("{time}T00:00:00Z"));
    UnixSeconds::from_rfc3339(time)
        .or_else(seconds)
        .or_else(date)
        .ok_or("give a date (2026-11-22, UTC), an RFC 3339 time (2026-11-22T09:00:00+09:00) or Unix seconds")
}
