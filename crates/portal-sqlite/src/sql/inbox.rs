//! Statements on events.

use jiff::SignedDuration;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::settle::LEASE_MAX;
use portal_domain::store::PAST_EVENTS_MAX;
use portal_domain::{
    AccountPath, Backlog, Event, EventFilter, EventId, ObjectId, Remedy, Selection, Settlement,
    State, StoreError, Token, UnixSeconds, Verdict,
};

use super::statement::values;
use super::{Statement, alerts, ledger};

/// An event's columns, in the order of [`portal_domain::row::event`].
macro_rules! select_event {
    ($attempts_and_rest:literal) => {
        concat!(
            "select id, payload, type, created, livemode, api_version, account, object_id, ",
            "snapshot_event, facts, state, reason, origin, fetched_at, received_at, ",
            $attempts_and_rest
        )
    };
}
pub(super) use select_event;

const RECORD: &str = "insert into event (id, payload, type, created, livemode, api_version, account, \
     object_id, snapshot_event, facts, state, reason, origin, fetched_at, received_at) \
     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
     on conflict (id) do nothing";

/// A statement of its own and no trigger: SQLite would keep a copy of each page that a statement
/// with a trigger changes.
const TO_SETTLE: &str =
    "insert into unsettled (seq, due_at) select last_insert_rowid(), ?1 where changes() = 1";

/// Records one event: changes no row where its id is there already.
///
/// # Errors
/// [`StoreError::Failed`] where its facts cannot be written down.
pub fn record(event: &Event) -> Result<Statement<'_>, StoreError> {
    let facts = event.facts.as_ref().map(serde_json::to_string).transpose();
    let facts = facts.map_err(|error| StoreError::Failed(error.to_string()))?;
    let values = values![
        event.id.as_str(),
        event.payload.name(),
        event.event_type.as_str(),
        event.created.get(),
        event.livemode,
        event.api_version.as_ref().map(Token::as_str),
        event.account.as_ref().map(AccountPath::as_str),
        event.object_id.as_ref().map(ObjectId::as_str),
        event.snapshot_event.as_ref().map(EventId::as_str),
        facts,
        event.state.name(),
        event.state.reason(),
        event.origin.name(),
        event.fetched_at.map(UnixSeconds::get),
        event.received_at.get(),
    ];
    Ok(Statement::new(RECORD, values))
}

/// To be run right after [`record`]: the event is to be settled, where it was new. `None` where it
/// has no effect.
#[must_use]
pub fn to_settle(event: &Event) -> Option<Statement<'_>> {
    let pending = event.state == State::Pending;
    pending.then(|| Statement::new(TO_SETTLE, values![event.received_at.get()]))
}

/// Proves, together, that an event could be recorded and that there is room for a batch.
#[must_use]
pub fn ping(now: UnixSeconds) -> [Statement<'static>; 3] {
    let probe = "insert into event (id, payload, type, created, livemode, state, origin, \
                 received_at) values ('', '', '', 0, 0, '', '', 0)";
    let heartbeat = "insert into heartbeat (only_row, at, room) values (1, ?1, zeroblob(65536)) \
                     on conflict do update set at = excluded.at, room = excluded.room";
    [
        Statement::plain(probe),
        Statement::plain("delete from event where id = ''"),
        Statement::new(heartbeat, values![now.get()]),
    ]
}

/// The event of that id.
#[must_use]
pub fn event(id: &EventId) -> Statement<'_> {
    Statement::new(select_event!("attempts from inbox where id = ?1"), values![id.as_str()])
}

/// The events that a filter lets through, newest first.
#[must_use]
pub fn events(filter: &EventFilter) -> Statement<'_> {
    let mut events = Statement::plain(select_event!("attempts from inbox where true"));
    events.add(" and type = ?", filter.event_type.as_ref().map(|it| it.as_str()));
    events.add(" and state = ?", filter.state);
    events.add(" and received_at >= ?", filter.since.map(UnixSeconds::get));
    events.add(" order by seq desc limit ?", Some(filter.limit));
    events
}

/// A claim, in three steps: its number, where anything is due; the events, with this attempt
/// counted; and the lease on them.
#[must_use]
pub fn claim(limit: u32, lease: SignedDuration, now: UnixSeconds) -> [Statement<'static>; 3] {
    // Each is greater than all before.
    let number = "update claims set number = number + 1 \
                  where exists (select 1 from unsettled where due_at <= ?1) returning number";
    let due = select_event!(
        "attempts + 1 from unsettled join event using (seq) where due_at <= ?1 \
         order by seq limit ?2"
    );
    // Twice as long for each attempt before, up to a limit.
    let leased = "update unsettled set attempts = attempts + 1, \
                      lease = (select number from claims), \
                      due_at = ?1 + min(?3 << min(attempts, 16), ?4) \
                  where seq in \
                      (select seq from unsettled where due_at <= ?1 order by seq limit ?2)";
    let (now, lease, lease_max) = (now.get(), lease.as_secs(), LEASE_MAX.as_secs());
    [
        Statement::new(number, values![now]),
        Statement::new(due, values![now, limit]),
        Statement::new(leased, values![now, limit, lease, lease_max]),
    ]
}

/// True where a claim of the event `?` is still the last one, whose lease is the next `?`.
macro_rules! held {
    () => {
        "exists (select 1 from unsettled \
                 where seq = (select seq from event where id = ?) and lease = ?)"
    };
}
pub(crate) use held;

/// Settles one event, if the lease is its last one: that is so where the last statement has changed
/// something, and otherwise none has.
///
/// # Errors
/// [`StoreError::Failed`] where an alert cannot be written down.
pub fn settle(settlement: &Settlement, now: UnixSeconds) -> Result<Vec<Statement<'_>>, StoreError> {
    let (event, lease) = (settlement.event.as_str(), settlement.lease.0);
    let held = Statement::new(held!(), values![event, lease]);
    let mut all = Vec::new();
    match &settlement.verdict {
        Verdict::Done(changes) => {
            for change in changes {
                all.extend(ledger::write(change, &held, now)?);
            }
            let settled = "delete from unsettled \
                           where seq = (select seq from event where id = ?1) and lease = ?2";
            all.push(Statement::new(settled, held.values));
        }
        Verdict::Retry { at } => {
            let again = "update unsettled set due_at = ?3 \
                         where seq = (select seq from event where id = ?1) and lease = ?2";
            all.push(Statement::new(again, values![event, lease, at.get()]));
        }
        Verdict::Dead { reason, alert } => {
            all.push(alerts::raise_where(alert, now, &held)?);
            // A trigger takes it from those to be settled.
            let given_up =
                concat!("update event set state = 'dead', reason = ?1 where id = ?2 and ", held!());
            let mut given_up = Statement::new(given_up, values![reason.name(), event]);
            given_up.values.extend(held.values);
            all.push(given_up);
        }
    }
    Ok(all)
}

/// What is not settled, counted up to [`Backlog::COUNTED_MAX`], in the order of
/// [`portal_domain::row::backlog`].
#[must_use]
pub fn backlog() -> Statement<'static> {
    let backlog = "\
        select \
            (select count(*) from (select 1 from unsettled limit ?1)) as pending, \
            (select min(due_at) from (select due_at from unsettled order by seq limit ?1)) \
                as first_due_at, \
            (select count(*) from (select 1 from event where state = 'dead' limit ?1)) as dead, \
            (select count(*) from (select 1 from event where state = 'waiting' limit ?1)) \
                as waiting";
    let counted_max = i64::try_from(Backlog::COUNTED_MAX).unwrap_or(i64::MAX);
    Statement::new(backlog, values![counted_max])
}

/// How the last events that Stripe delivered came in since then, in the order of [`portal_domain::row::past`].
#[must_use]
pub fn past(since: UnixSeconds) -> Statement<'static> {
    let past = "\
        select count(*) as events, min(received_at) as first, max(received_at) as last, \
            max(coalesce(max(gap), 0), 0) as longest_gap \
        from (select received_at, received_at - lag(received_at) over (order by seq) as gap \
              from (select seq, received_at from event \
                    where origin = 'delivered' and type <> 'donation_portal.doctor' \
                    order by seq desc limit ?2) \
              where received_at >= ?1)";
    Statement::new(past, values![since.get(), PAST_EVENTS_MAX])
}

macro_rules! where_prunable {
    () => {
        "where received_at < ?1 and (state = 'ignored' \
             or state = 'pending' and seq not in (select seq from unsettled))"
    };
}

/// Forgets alerts that ended before then, and then up to `limit` events that were received before
/// then and are settled or ignored: those that the last statement deletes.
#[must_use]
pub fn prune(before: UnixSeconds, limit: u32) -> [Statement<'static>; 3] {
    let prune = concat!(
        "delete from event where seq in (select seq from event ",
        where_prunable!(),
        " order by seq limit ?2)"
    );
    let [prune_alerts, prune_notices] = alerts::prune(before);
    [prune_alerts, prune_notices, Statement::new(prune, values![before.get(), limit])]
}

/// How many events [`prune`] would forget.
#[must_use]
pub fn prunable(before: UnixSeconds) -> Statement<'static> {
    let prunable = concat!("select count(*) as events from event ", where_prunable!());
    Statement::new(prunable, values![before.get()])
}

/// Gives the selected events another turn. The first statement tells how many they are.
#[must_use]
pub fn apply<'v>(remedy: Remedy, which: &'v Selection, now: UnixSeconds) -> Vec<Statement<'v>> {
    let selected = selected(remedy, which);
    let mut all = vec![eligible(remedy, which)];
    match remedy {
        Remedy::Retry => {
            let due = "insert into unsettled (seq, due_at) select seq, ?1 from inbox \
                       where (payload <> 'thin' or facts is not null) and ";
            let mut due = Statement::new(due, values![now.get()]);
            due.append(&selected);
            due.push(" on conflict (seq) do update set due_at = ?1, attempts = 0, lease = 0");
            let anew = "update event set reason = null, \
                            state = case when payload = 'thin' and facts is null then 'waiting' \
                                         else 'pending' end \
                        where seq in (select seq from inbox where ";
            let mut anew = Statement::plain(anew);
            anew.append(&selected);
            anew.push(")");
            all.extend([due, anew]);
        }
        Remedy::Ignore => {
            let ignored = "update event set state = 'ignored', reason = 'by_operator' \
                           where seq in (select seq from inbox where ";
            let mut ignored = Statement::plain(ignored);
            ignored.append(&selected);
            ignored.push(")");
            all.push(ignored);
        }
    }
    all.push(alerts::resolve_dead(EVENT_DEAD, now));
    all
}

/// How many events [`apply`] would change.
#[must_use]
pub fn eligible(remedy: Remedy, which: &Selection) -> Statement<'_> {
    let mut count = Statement::plain("select count(*) as events from inbox where ");
    count.append(&selected(remedy, which));
    count
}

fn selected(remedy: Remedy, which: &Selection) -> Statement<'_> {
    let that_can_take_it = match remedy {
        Remedy::Retry => {
            "(state in ('pending', 'done', 'dead') or state = 'ignored' and reason = 'by_operator')"
        }
        Remedy::Ignore => "state in ('pending', 'waiting', 'dead')",
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
