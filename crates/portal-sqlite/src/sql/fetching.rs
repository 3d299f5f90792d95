//! Statements on events that only name their object.

use std::sync::Arc;

use portal_domain::{Event, EventId, ObjectId, StoreError, Supplied, UnixSeconds};

use super::inbox::select_event;
use super::statement::values;
use super::{Statement, alerts};

/// The events that wait for their object and are due to be fetched, the first recorded first.
#[must_use]
pub fn waiting(limit: u32, now: UnixSeconds) -> Statement<'static> {
    let waiting = select_event!(
        "coalesce(attempts, 0) as attempts from event left join postponed using (seq) \
         where state = 'waiting' and coalesce(due_at, 0) <= ?1 order by seq limit ?2"
    );
    Statement::new(waiting, values![now.get(), limit])
}

/// Writes what came of fetching an event's object, if it waits: that is so where the last statement
/// has changed something, and otherwise none has.
///
/// A trigger takes what does not wait any more from what is postponed.
///
/// # Errors
/// [`StoreError::Failed`] where the facts or an alert cannot be written down.
pub fn supply<'v>(
    event: &'v EventId,
    supplied: &'v Supplied,
    now: UnixSeconds,
) -> Result<Vec<Statement<'v>>, StoreError> {
    let id = event.as_str();
    Ok(match supplied {
        Supplied::Object { facts, at } => {
            let due = "insert into unsettled (seq, due_at) \
                       select seq, ?2 from event where id = ?1 and state = 'waiting'";
            let here = "update event \
                        set facts = ?2, object_id = ?3, fetched_at = ?4, state = 'pending' \
                        where id = ?1 and state = 'waiting'";
            let object = facts.object_id().map(ObjectId::as_str);
            let facts = serde_json::to_string(facts);
            let facts = facts.map_err(|error| StoreError::Failed(error.to_string()))?;
            vec![
                Statement::new(due, values![id, now.get()]),
                Statement::new(here, values![id, facts, object, at.get()]),
            ]
        }
        Supplied::Later { at } => {
            let later = "insert into postponed (seq, due_at, attempts) \
                         select seq, ?2, 1 from event where id = ?1 and state = 'waiting' \
                         on conflict (seq) do update set due_at = excluded.due_at, \
                             attempts = attempts + 1";
            vec![Statement::new(later, values![id, at.get()])]
        }
        Supplied::Dead { reason, alert } => {
            let waits = "exists (select 1 from event where id = ? and state = 'waiting')";
            let waits = Statement::new(waits, values![id]);
            vec![alerts::raise_where(alert, now, &waits)?, left(id, "dead", reason.name())]
        }
        Supplied::Ignored(reason) => vec![left(id, "ignored", reason.name())],
    })
}

fn left<'v>(id: &'v str, state: &'static str, reason: &'static str) -> Statement<'v> {
    let left = "update event set state = ?2, reason = ?3 where id = ?1 and state = 'waiting'";
    Statement::new(left, values![id, state, reason])
}

/// For each event in its place, whether a thin event of the same object and type is there.
#[must_use]
pub fn told_thin(events: &[Arc<Event>]) -> Statement<'static> {
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
