//! `donation-portal events list`

use std::io;

use jiff::tz::TimeZone;
use portal_domain::{Clock as _, Event, EventFilter, EventType, ObjectId, Selection, UnixSeconds};
use portal_service::json::EventSummary;
use portal_service::period::{self, Moment, in_zone};
use portal_service::settings::Settings as _;

use super::{state, state_name, tail, times};
use crate::clock::SystemClock;
use crate::commands::{finish, object_id, reading_inbox};
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output::{self, Columns, ListFormat, ListPage};

/// Arguments of `events list`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal events list --object pi_3FuezC092bs8YG8f6jAdLSgQ")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Maximum number of events
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Only events about this object, or with it as their payment or invoice
    ///
    /// Give the id of a payment (pi_…), an invoice (in_…), a charge (ch_…), a refund (re_…), a
    /// dispute (du_…), a Checkout session (cs_…) or another object that events are about. Events
    /// that are ignored because of their type or account have no stored object.
    #[arg(long, value_name = "ID", value_parser = object_id)]
    object: Option<ObjectId>,

    /// Only events of this type
    #[arg(long = "type", value_name = "EVENT_TYPE", value_parser = event_type)]
    event_type: Option<EventType>,

    /// Only events in this state
    #[arg(long, value_parser = state_name())]
    state: Option<String>,

    /// Only events received at this time or later: a date, `today`, `yesterday`, an age (`1h`), an RFC 3339 time or Unix seconds
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    since: Option<Moment>,

    /// Only events received before this time
    #[arg(long, value_name = "TIME", value_parser = period::moment)]
    until: Option<Moment>,

    /// Show the last events, the newest last, and go on with new ones until Ctrl-C
    #[arg(long, conflicts_with = "until")]
    tail: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

pub(super) fn run(args: Args) -> Result<Exit, Failure> {
    let store = args.settings.home()?.open_to_read()?;
    let zone = args.settings.time_zone()?;
    let [since, until] = times(&args.settings, [args.since, args.until], SystemClock::new().now())?;
    let which = Selection {
        object: args.object,
        event_type: args.event_type,
        state: state(args.state.as_deref()),
        since,
        until,
        ..Selection::default()
    };
    let filter = EventFilter::last(args.limit, which);
    if args.tail {
        if args.format == ListFormat::Csv {
            output::print(heads("received_at").join(","))?;
        }
        tail::run(&*store, filter, &|event| output::try_print(line(event, args.format, &zone)?))?;
        return Ok(Exit::Done);
    }
    let page = ListPage::read(args.limit, |limit| {
        finish(reading_inbox(), store.events(&EventFilter { limit, ..filter.clone() }))
    })?;
    let csv = Columns {
        heads: &heads("received_at"),
        amounts: &[],
        spare: &[],
        of: &|event| columns(event, in_data),
    };
    let people = Columns {
        heads: &heads("received"),
        amounts: &[],
        spare: &[6, 3, 2, 5, 1],
        of: &|event| columns(event, |at| in_zone(at, &zone)),
    };
    output::print_list(args.format, &page.items, EventSummary::of, &csv, &people)?;
    page.note(
        args.format,
        "narrow the list with --object, --type, --state, --since or --until",
        "no event matches",
    );
    Ok(Exit::Done)
}

/// Returns the line of `--tail` for an event.
fn line(event: &Event, format: ListFormat, zone: &TimeZone) -> io::Result<String> {
    Ok(match format {
        ListFormat::Json => serde_json::to_string(&EventSummary::of(event))?,
        ListFormat::Csv => columns(event, in_data).join(","),
        ListFormat::Table => {
            let (at, state) = (in_zone(event.received_at, zone), event.state.name());
            let reason = event.state.reason().map(|it| format!("  {it}")).unwrap_or_default();
            format!("{at}  {state:<15}  {}  {}{reason}", event.id, event.event_type)
        }
    })
}

fn in_data(at: UnixSeconds) -> String {
    at.get().to_string()
}

fn heads(received: &'static str) -> [&'static str; 8] {
    ["id", "type", "created", "livemode", "state", "reason", "origin", received]
}

fn columns(event: &Event, time: impl Fn(UnixSeconds) -> String) -> Vec<String> {
    vec![
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

fn event_type(name: &str) -> Result<EventType, &'static str> {
    EventType::new(name)
        .ok_or("give an event type of lower-case words and dots, such as invoice.paid")
}
