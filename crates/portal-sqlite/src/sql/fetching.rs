//! Statements on events that only name their object.

use std::sync::Arc;

use portal_domain::{Event, EventId, UnixSeconds};

use super::Statement;
use super::inbox::select_event;
use super::statement::values;

/// Returns the events whose object is due to be fetched, in the order of recording, with the
/// columns of [`portal_domain::row_decode::awaiting_object`].
#[must_use]
pub fn awaiting_object(limit: u32, now: UnixSeconds) -> Statement<'static> {
    let awaiting = select_event!(
        ", coalesce(attempts, 0) as attempts from event left join fetch_queue using (seq) \
         where state = 'awaiting_object' and coalesce(due_at, 0) <= ?1 order by seq limit ?2"
    );
    Statement::new(awaiting, values![now.get(), limit])
}

/// Postpones the next attempt to fetch an event's object. Changes no row if the event does not
/// await it.
#[must_use]
pub fn postpone(event: &EventId, at: UnixSeconds) -> Statement<'_> {
    let postpone = "insert into fetch_queue (seq, due_at, attempts) \
                    select seq, ?2, 1 from event where id = ?1 and state = 'awaiting_object' \
                    on conflict (seq) do update set due_at = excluded.due_at, \
                        attempts = attempts + 1";
    Statement::new(postpone, values![event.as_str(), at.get()])
}

/// Returns for each event, in the same order, 1 if there is a thin event of the same object and
/// type.
#[must_use]
pub fn has_thin_event(events: &[Arc<Event>]) -> Statement<'static> {
    let told = "select exists (select 1 from event \
                               where payload = 'thin' and object_id = asked.value ->> 0 \
                                 and type = 'v1.' || (asked.value ->> 1)) as told \
                from json_each(?1) as asked order by asked.key";
    let asked = |it: &Arc<Event>| {
        (it.object_id.as_ref().map(ToString::to_string), it.event_type.to_string())
    };
    let asked: Vec<_> = events.iter().map(asked).collect();
    Statement::new(told, values![serde_json::json!(asked).to_string()])
}
