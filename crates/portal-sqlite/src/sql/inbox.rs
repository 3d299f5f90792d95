//! Statements on events.

use std::sync::Arc;

use portal_domain::alert::EVENT_DEAD;
use portal_domain::{
    AccountPath, Alert, AlertChange, Entry, EnumWord, Event, EventFilter, EventId, ObjectId,
    OperatorAction, Reprocess, Selection, State, StoreError, UnixSeconds,
};

use super::guard::Guard;
use super::statement::values;
use super::{Statement, alerts, ledger};

/// An event's columns, in the order of [`portal_domain::row_decode::event`].
macro_rules! select_event {
    ($($rest:literal),+) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, fetched_at, received_at",
            $($rest),+
        )
    };
}
pub(super) use select_event;

const RECORD: &str = "insert into event (id, payload, type, created, livemode, api_version, account, \
     object_id, payment, invoice, snapshot_event, facts, state, reason, origin, fetched_at, \
     received_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
     on conflict (id) do nothing";

/// Records an event without what follows from it: changes no row where its id is there already.
#[must_use]
pub fn record(entry: &Entry) -> Statement<'_> {
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

/// Writes what follows from a new event, right after [`record`] has changed a row.
///
/// # Errors
/// [`StoreError::Failed`] where an alert cannot be written down.
pub fn follow(entry: &Entry, now: UnixSeconds) -> Result<Vec<Statement<'_>>, StoreError> {
    follow_where(entry, entry.alert(), Guard::Always, now)
}

/// Records an event with all that follows from it, where its id is not there yet: that is so where
/// the last statement has changed a row, and otherwise none has.
///
/// # Errors
/// [`StoreError::Failed`] where an alert cannot be written down.
pub fn record_at_once(entry: &Entry, now: UnixSeconds) -> Result<Vec<Statement<'_>>, StoreError> {
    let mut all = follow_where(entry, entry.alert(), Guard::IsNew(&entry.event().id), now)?;
    all.push(record(entry));
    Ok(all)
}

/// Writes what became of an event that was decided anew, where it is still in the state that this
/// rests on: that is so where the last statement but one has changed a row, and otherwise none has.
///
/// A trigger takes what awaits its object no more from the queue of those that do.
///
/// # Errors
/// [`StoreError::Failed`] where an alert cannot be written down.
pub fn reprocess(step: &Reprocess, now: UnixSeconds) -> Result<Vec<Statement<'_>>, StoreError> {
    let Reprocess { entry, from } = step;
    let event = entry.event();
    let was_dead = matches!(from, State::Dead(_));
    let alert = entry.alert().filter(|_| !was_dead);
    let mut all = follow_where(entry, alert, Guard::IsIn(&event.id, *from), now)?;
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
    all.extend([Statement::new(update, values), alerts::resolve_dead(EVENT_DEAD, now)]);
    Ok(all)
}

fn follow_where<'v>(
    entry: &'v Entry,
    alert: Option<Alert>,
    guard: Guard<'v>,
    now: UnixSeconds,
) -> Result<Vec<Statement<'v>>, StoreError> {
    let mut all = ledger::write(entry.changes(), guard, now)?;
    if let Some(alert) = alert {
        all.push(alerts::write_where(&AlertChange::Raise(alert), now, &guard.condition())?);
    }
    Ok(all)
}

/// The event of that id.
#[must_use]
pub fn event(id: &EventId) -> Statement<'_> {
    Statement::new(select_event!(" from event where id = ?1"), values![id.as_str()])
}

/// The payments of the invoice `?1`, if it is one.
macro_rules! payments_of_invoice {
    () => {
        "(select payment from link where link.invoice = ?1)"
    };
}

/// Events about an object or naming it; for an invoice, also those about its payments, which the ledger
/// knows. Each is found by an index; D1 takes no more than these five.
const OF_OBJECT: &str = concat!(
    " and seq in (select seq from event where object_id = ?1 \
     union select seq from event where payment = ?1 \
     union select seq from event where invoice = ?1 \
     union select seq from event where object_id in ",
    payments_of_invoice!(),
    " union select seq from event where payment in ",
    payments_of_invoice!(),
    ")"
);

/// The events that a filter lets through, newest first.
#[must_use]
pub fn events(filter: &EventFilter) -> Statement<'_> {
    let mut events = Statement::plain(select_event!(" from event where true"));
    events.add(OF_OBJECT, filter.object.as_ref().map(ObjectId::as_str));
    events.add(" and type = ?", filter.event_type.as_ref().map(|it| it.as_str()));
    events.add(" and state = ?", filter.state);
    events.add(" and received_at >= ?", filter.since.map(UnixSeconds::get));
    events.add(" order by seq desc limit ?", Some(filter.limit));
    events
}

/// The selected events that can take an action, the first recorded first, after that event where it
/// is given.
#[must_use]
pub fn events_for<'v>(
    action: OperatorAction,
    which: &'v Selection,
    after: Option<&'v EventId>,
    limit: u32,
) -> Statement<'v> {
    let mut events = Statement::plain(select_event!(" from event where "));
    events.append(&selected(action, which));
    events.add(
        " and seq > coalesce((select seq from event where id = ?), 0)",
        after.map(EventId::as_str),
    );
    events.add(" order by seq limit ?", Some(limit));
    events
}

/// Counts the selected events that can take an action.
#[must_use]
pub fn count_for(action: OperatorAction, which: &Selection) -> Statement<'_> {
    let mut count = Statement::plain("select count(*) as events from event where ");
    count.append(&selected(action, which));
    count
}

/// Gives the selected events no effect. The first statement tells how many they are.
#[must_use]
pub fn ignore(which: &Selection, now: UnixSeconds) -> [Statement<'_>; 3] {
    let ignore = "update event set state = 'ignored', reason = 'by_operator' where ";
    let mut ignore = Statement::plain(ignore);
    ignore.append(&selected(OperatorAction::Ignore, which));
    let count = count_for(OperatorAction::Ignore, which);
    [count, ignore, alerts::resolve_dead(EVENT_DEAD, now)]
}

/// For each event in its place, whether a thin event of the same object and type is there.
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

/// Proves, together, that an event could be recorded with what it changes and that there is room
/// for a batch.
///
/// The two tables that nearly every delivery writes are written; the others are looked into, because
/// D1 bills each row that is written.
#[must_use]
pub fn ping(now: UnixSeconds) -> [Statement<'static>; 11] {
    let probe = "insert into event (id, payload, type, created, livemode, state, origin, \
                 received_at) values ('', '', '', 0, 0, '', '', 0)";
    let heartbeat = "insert into heartbeat (only_row, at, room) values (1, ?1, zeroblob(65536)) \
                     on conflict do update set at = excluded.at, room = excluded.room";
    [
        Statement::plain(probe),
        Statement::plain("delete from event where id = ''"),
        Statement::plain("insert into payment (id) values ('')"),
        Statement::plain("delete from payment where id = ''"),
        Statement::plain("delete from link where payment = ''"),
        Statement::plain("delete from invoice where id = ''"),
        Statement::plain("delete from refund where id = ''"),
        Statement::plain("delete from dispute where id = ''"),
        Statement::plain("delete from credit_note where id = ''"),
        Statement::plain("delete from alert where key = ''"),
        Statement::new(heartbeat, values![now.get()]),
    ]
}

fn selected(action: OperatorAction, which: &Selection) -> Statement<'_> {
    let that_can_take_it = match action {
        OperatorAction::Reprocess => {
            "(state in ('processed', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        OperatorAction::Ignore => "state in ('awaiting_object', 'dead')",
    };
    let mut selected = Statement::plain(that_can_take_it);
    let ids: Vec<_> = which.ids.iter().map(EventId::as_str).collect();
    let ids = (!ids.is_empty()).then(|| serde_json::json!(ids).to_string());
    selected.add(" and id in (select value from json_each(?))", ids);
    selected.add(" and state = ?", which.state);
    selected.add(" and received_at >= ?", which.since.map(UnixSeconds::get));
    selected.add(" and received_at < ?", which.until.map(UnixSeconds::get));
    selected
}
