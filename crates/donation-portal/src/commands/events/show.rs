//! `donation-portal events show`

use portal_domain::{AccountPath, EnumWord, Event, EventId, Facts, ObjectId, Payload};
use serde::Serialize;

use super::event_id;
use super::list::EventSummary;
use crate::commands::finish;
use crate::config::Database;
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Arguments of `events show`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,

    /// Id of the event (evt_…)
    #[arg(value_parser = event_id)]
    id: EventId,

    /// Output format
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let store = args.database.home()?.open_to_read()?;
    let Some(event) = finish("read the inbox", store.event(&args.id))? else {
        return Err(Failure::found_wrong(
            format_args!("event {}", args.id),
            "it is not in the inbox",
        ));
    };
    match args.format {
        OneFormat::Json => output::print_json(&Whole::of(&event))?,
        OneFormat::Text => output::print_json_pretty(&Whole::of(&event))?,
    }
    Ok(Exit::Done)
}

/// The contract of `events show --format json`.
#[derive(Serialize)]
struct Whole<'e> {
    #[serde(flatten)]
    summary: EventSummary<'e>,
    payload: Payload,
    api_version: Option<&'e EnumWord>,
    account: Option<&'e AccountPath>,
    object_id: Option<&'e ObjectId>,
    snapshot_event: Option<&'e EventId>,
    facts: Option<&'e Facts>,
}

impl<'e> Whole<'e> {
    fn of(event: &'e Event) -> Self {
        Self {
            summary: EventSummary::of(event),
            payload: event.payload,
            api_version: event.api_version.as_ref(),
            account: event.account.as_ref(),
            object_id: event.object_id.as_ref(),
            snapshot_event: event.snapshot_event.as_ref(),
            facts: event.facts.as_ref(),
        }
    }
}
