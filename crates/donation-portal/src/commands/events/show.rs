//! `donation-portal events show`

use jiff::tz::TimeZone;
use portal_domain::{Event, EventId, text};
use portal_service::facts_by_path::facts_by_path;
use portal_service::json::EventDetail;
use portal_service::period::in_zone;
use portal_service::settings::Settings as _;

use super::event_id;
use crate::commands::{finish, reading_inbox};
use crate::config::Listing;
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `events show`.
#[derive(clap::Args)]
#[command(after_help = "Example: donation-portal events show evt_1MqqbKLt4dXK03v5qaIbiNCC")]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Listing,

    /// Id of the event (evt_…)
    #[arg(value_parser = event_id)]
    id: EventId,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let zone = args.settings.time_zone()?;
    let store = args.settings.home()?.open_to_read()?;
    let Some(event) = finish(reading_inbox(), store.event(&args.id))? else {
        let id = &args.id;
        let why = text!("it is not in the inbox", "受信箱にありません");
        return Err(Failure::found_wrong(text!("event {id}", "イベント {id}"), why));
    };
    match args.format {
        OneFormat::Json => output::print_json(&EventDetail::of(&event))?,
        OneFormat::Text => output::print(text(&event, &zone))?,
    }
    Ok(Exit::Done)
}

fn text(event: &Event, zone: &TimeZone) -> String {
    let mut rows = vec![
        ("created".to_owned(), in_zone(event.created, zone)),
        ("received".to_owned(), in_zone(event.received_at, zone)),
    ];
    let mut add = |name: &str, value: Option<String>| {
        rows.extend(value.map(|it| (name.to_owned(), it)));
    };
    add("fetched", event.fetched_at.map(|it| in_zone(it, zone)));
    add("origin", Some(event.origin.name().to_owned()));
    add("api_version", event.api_version.as_ref().map(ToString::to_string));
    add("account", event.account.as_ref().map(ToString::to_string));
    add("object", event.object_id.as_ref().map(ToString::to_string));
    add("snapshot", event.snapshot_event.as_ref().map(ToString::to_string));
    let facts = event.facts.iter().flat_map(|it| facts_by_path(it, zone));
    rows.extend(facts.map(|(path, value)| (format!("facts.{path}"), value)));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let reason = event.state.reason().map(|it| format!(": {it}")).unwrap_or_default();
    let mode = if event.livemode { "live" } else { "test" };
    let head = format!("{}  {} · {}{reason} · {mode}", event.id, event.event_type, event.state);
    rows.iter().fold(head, |text, (name, value)| format!("{text}\n  {name:<width$}  {value}"))
}
