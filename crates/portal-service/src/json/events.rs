//! Events.

use portal_domain::{
    AccountPath, EnumWord, Event, EventId, EventType, Facts, ObjectId, Origin, Payload, UnixSeconds,
};
use serde::Serialize;

/// The contract of `events list --format json`. Times are Unix seconds.
#[derive(Serialize)]
pub struct EventSummary<'e> {
    id: &'e EventId,
    r#type: &'e EventType,
    created: UnixSeconds,
    livemode: bool,
    state: &'static str,
    reason: Option<&'static str>,
    origin: Origin,
    received_at: UnixSeconds,
}

impl<'e> EventSummary<'e> {
    #[must_use]
    pub fn of(event: &'e Event) -> Self {
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

/// The contract of `events show --format json`.
#[derive(Serialize)]
pub struct EventDetail<'e> {
    #[serde(flatten)]
    summary: EventSummary<'e>,
    payload: Payload,
    api_version: Option<&'e EnumWord>,
    account: Option<&'e AccountPath>,
    object_id: Option<&'e ObjectId>,
    snapshot_event: Option<&'e EventId>,
    facts: Option<&'e Facts>,
}

impl<'e> EventDetail<'e> {
    #[must_use]
    pub fn of(event: &'e Event) -> Self {
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
