//! Statements that write events with what follows from them.

use portal_domain::{
    AccountPath, Alert, AlertChange, Entry, EnumWord, EventId, ObjectId, Reprocess, StoreError,
    UnixSeconds,
};

use crate::sql::guard::Guard;
use crate::sql::{Statement, values};
use crate::store::alerts::write::{resolve_dead, write_where};
use crate::store::ledger::changes;

const RECORD: &str = "insert into event (id, payload, type, created, livemode, api_version, account, \
     object_id, payment, invoice, snapshot_event, facts, state, reason, origin, fetched_at, \
     received_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
     on conflict (id) do nothing";

/// Records an event without what follows from it: changes no row where its id is there already.
pub(crate) fn insert(entry: &Entry) -> Statement<'_> {
    let event = entry.event();
    let values = values![
        event.id.as_str(),
        event.payload.name(),
        event.event_type.as_str(),
        event.created.get(),
        event.livemode,
        event.api_version.as_ref().map(EnumWord::as_str),
        event.account.as_ref().map(AccountPath::as_str),
        event.object_id.as_ref().map(ObjectId::as_str),
        event.payment().map(ObjectId::as_str),
        event.invoice().map(ObjectId::as_str),
        event.snapshot_event.as_ref().map(EventId::as_str),
        entry.facts_json(),
        event.state.name(),
        event.state.reason(),
        event.origin.name(),
        event.fetched_at.map(UnixSeconds::get),
        event.received_at.get(),
    ];
    Statement::new(RECORD, values)
}

/// Writes what follows from a new event, right after [`insert`] has changed a row: for an executor that
/// sees whether it has.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn follow(entry: &Entry, now: UnixSeconds) -> Result<Vec<Statement<'_>>, StoreError> {
    follow_where(entry, entry.alert(), Guard::Always, now)
}

/// Records an event with all that follows from it, where its id is not there yet: that is so where
/// the last statement has changed a row, and otherwise none has.
pub(crate) fn insert_if_new(
    entry: &Entry,
    now: UnixSeconds,
) -> Result<Vec<Statement<'_>>, StoreError> {
    let mut all = follow_where(entry, entry.alert(), Guard::IsNew(&entry.event().id), now)?;
    all.push(insert(entry));
    Ok(all)
}

/// Writes what became of an event that was decided anew, where it is still in the state that this
/// rests on: that is so where the last statement but one has changed a row, and otherwise none has.
///
/// A trigger takes what awaits its object no more from the queue of those that do.
pub(super) fn update(step: &Reprocess, now: UnixSeconds) -> Result<Vec<Statement<'_>>, StoreError> {
    let Reprocess { entry, from } = step;
    let event = entry.event();
    let mut all = follow_where(entry, step.alert(), Guard::IsIn(&event.id, *from), now)?;
    let update = "update event set facts = ?2, object_id = ?3, payment = ?4, invoice = ?5, \
                      fetched_at = ?6, state = ?7, reason = ?8 \
                  where id = ?1 and state = ?9 and reason is ?10";
    let values = values![
        event.id.as_str(),
        entry.facts_json(),
        event.object_id.as_ref().map(ObjectId::as_str),
        event.payment().map(ObjectId::as_str),
        event.invoice().map(ObjectId::as_str),
        event.fetched_at.map(UnixSeconds::get),
        event.state.name(),
        event.state.reason(),
        from.name(),
        from.reason(),
    ];
    all.extend([Statement::new(update, values), resolve_dead(now)]);
    Ok(all)
}

fn follow_where<'v>(
    entry: &'v Entry,
    alert: Option<Alert>,
    guard: Guard<'v>,
    now: UnixSeconds,
) -> Result<Vec<Statement<'v>>, StoreError> {
    let mut all = changes::write(entry.changes(), guard, now)?;
    if let Some(alert) = alert {
        all.push(write_where(&AlertChange::Raise(alert), now, &guard.condition())?);
    }
    Ok(all)
}
