//! A selection of events in a query or a form: the same for a list, its count and an act.

use portal_domain::{
    DeadReason, EventId, EventType, IgnoredReason, ObjectId, Origin, Selection, State,
};
use portal_service::period;

use crate::acting::value;
use crate::page_error::PageError;
use crate::page_request::PageRequest;

/// The keys of a selection.
pub(super) const KEYS: [&str; 11] = [
    "id",
    "object",
    "type",
    "state",
    "acknowledged",
    "reason",
    "origin",
    "mode",
    "since",
    "until",
    "from",
];

/// Reads a selection. `state=all` is as good as none.
pub(crate) fn selection(
    page: &PageRequest,
    fields: &[(String, String)],
) -> Result<Selection, PageError> {
    let mut ids = Vec::new();
    for (_, id) in fields.iter().filter(|(key, _)| key == "id") {
        ids.push(EventId::new(id).ok_or_else(|| bad("id", "the id of an event"))?);
    }
    ids.sort_unstable();
    ids.dedup();
    let time = |key| {
        read(fields, key, "a date, such as 2026-11-22, or an age, such as 7d", |text| {
            period::moment(text).ok()?.in_zone(page.zone(), page.now).ok()
        })
    };
    Ok(Selection {
        ids,
        object: read(fields, "object", "an id, such as pi_…", ObjectId::new)?,
        event_type: read(fields, "type", "an event type, such as invoice.paid", EventType::new)?,
        state: read(fields, "state", "processed, awaiting_object, dead, ignored or all", state)?
            .flatten(),
        acknowledged: read(fields, "acknowledged", "yes or no", |text| match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })?,
        reason: read(fields, "reason", "a reason of a state, such as facts_missing", reason)?,
        origin: read(fields, "origin", "delivered or reconciled", Origin::from_name)?,
        livemode: read(fields, "mode", "live or test", |text| match text {
            "live" => Some(true),
            "test" => Some(false),
            _ => None,
        })?,
        since: time("since")?,
        until: time("until")?,
        from: read(fields, "from", "the id of an event", EventId::new)?,
        ..Selection::default()
    })
}

/// Returns the name of a state, or nothing for all.
fn state(name: &str) -> Option<Option<&'static str>> {
    let known = State::NAMES.iter().find(|it| **it == name);
    known.map(|it| Some(*it)).or_else(|| (name == "all").then_some(None))
}

fn reason(name: &str) -> Option<&'static str> {
    let dead = DeadReason::from_name(name).map(DeadReason::name);
    dead.or_else(|| IgnoredReason::from_name(name).map(IgnoredReason::name))
}

fn read<T>(
    fields: &[(String, String)],
    key: &'static str,
    form: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, PageError> {
    let parse = |text: &str| parse(text.trim()).ok_or_else(|| bad(key, form));
    value(fields, key).map(parse).transpose()
}

fn bad(key: &'static str, form: &'static str) -> PageError {
    PageError::BadQuery { key, form }
}
