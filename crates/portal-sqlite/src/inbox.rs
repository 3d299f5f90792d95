//! Events: recording, settling, and what an operator does about them.

use std::sync::Arc;

use jiff::SignedDuration;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::settle::LEASE_MAX;
use portal_domain::store::PAST_EVENTS_MAX;
use portal_domain::{
    Backlog, Claimed, Event, EventFilter, EventId, Lease, Past, Recorded, Remedy, Selection,
    Settled, Settlement, State, StoreError, UnixSeconds, Verdict,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};

use crate::connection::failed;
use crate::store::run;
use crate::{alerts, ledger, rows, sql};

pub(crate) fn record(
    connection: &Connection,
    events: &[Arc<Event>],
) -> Result<Vec<Recorded>, StoreError> {
    let mut insert = connection.prepare_cached(sql::RECORD).map_err(failed)?;
    let mut to_settle = connection.prepare_cached(sql::TO_SETTLE).map_err(failed)?;
    let mut record = |event: &Arc<Event>| {
        if !rows::insert(&mut insert, event)? {
            return Ok(Recorded::Duplicate);
        }
        if event.state == State::Pending {
            to_settle.execute([event.received_at.get()]).map_err(failed)?;
        }
        Ok(Recorded::New)
    };
    events.iter().map(&mut record).collect()
}

pub(crate) fn claim(
    connection: &Connection,
    limit: u32,
    lease: SignedDuration,
    now: UnixSeconds,
) -> Result<Vec<Claimed>, StoreError> {
    let due = due(connection, limit, now)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let mut number = connection.prepare_cached(sql::CLAIM_NUMBER).map_err(failed)?;
    let number: i64 = number.query_row([], |row| row.get(0)).map_err(failed)?;
    let values = params![now.get(), limit, number, lease.as_secs(), LEASE_MAX.as_secs()];
    run(connection, sql::CLAIM, values)?;
    let claimed = |event| Claimed { event, lease: Lease(number) };
    Ok(due.into_iter().map(claimed).collect())
}

fn due(connection: &Connection, limit: u32, now: UnixSeconds) -> Result<Vec<Event>, StoreError> {
    let mut due = connection.prepare_cached(sql::DUE).map_err(failed)?;
    let mut rows = due.query(params![now.get(), limit]).map_err(failed)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        events.push(rows::event(row)?);
    }
    Ok(events)
}

pub(crate) fn settle(
    connection: &Connection,
    settlements: &[Settlement],
    now: UnixSeconds,
) -> Result<Vec<Settled>, StoreError> {
    settlements.iter().map(|it| settle_one(connection, it, now)).collect()
}

fn settle_one(
    connection: &Connection,
    settlement: &Settlement,
    now: UnixSeconds,
) -> Result<Settled, StoreError> {
    let Settlement { event, lease: Lease(lease), verdict } = settlement;
    let event = event.as_str();
    let changed = match verdict {
        Verdict::Done(_) | Verdict::Dead { .. } => {
            run(connection, sql::SETTLED, params![event, lease])?
        }
        Verdict::Retry { at } => run(connection, sql::AGAIN, params![event, lease, at.get()])?,
    };
    if changed == 0 {
        return Ok(Settled::Stale);
    }
    match verdict {
        Verdict::Done(changes) => {
            for change in changes {
                if ledger::write(connection, change)? {
                    alerts::write(connection, &change.alerts(), now)?;
                }
            }
        }
        Verdict::Retry { .. } => {}
        Verdict::Dead { reason, alert } => {
            run(connection, sql::GIVEN_UP, params![event, reason.name()])?;
            alerts::raise(connection, alert, now)?;
        }
    }
    Ok(Settled::Applied)
}

pub(crate) fn apply(
    connection: &Connection,
    remedy: Remedy,
    which: &Selection,
    now: UnixSeconds,
) -> Result<u64, StoreError> {
    let applied = eligible(connection, remedy, which)?;
    for step in sql::apply(remedy, which) {
        let mut step = connection.prepare_cached(&step).map_err(failed)?;
        select(&mut step, which).map_err(failed)?;
        if let Some(place) = step.parameter_index(":now").map_err(failed)? {
            step.raw_bind_parameter(place, now.get()).map_err(failed)?;
        }
        step.raw_execute().map_err(failed)?;
    }
    run(connection, sql::alerts::RESOLVE_DEAD, params![EVENT_DEAD, now.get()])?;
    Ok(applied)
}

pub(crate) fn eligible(
    connection: &Connection,
    remedy: Remedy,
    which: &Selection,
) -> Result<u64, StoreError> {
    let mut count = connection.prepare_cached(&sql::eligible(remedy, which)).map_err(failed)?;
    select(&mut count, which).map_err(failed)?;
    let mut rows = count.raw_query();
    let row = rows.next().map_err(failed)?;
    row.map_or(Ok(0), |row| row.get(0).map_err(failed))
}

fn select(statement: &mut CachedStatement<'_>, which: &Selection) -> rusqlite::Result<()> {
    if !which.ids.is_empty() {
        let ids: Vec<_> = which.ids.iter().map(EventId::as_str).collect();
        statement.raw_bind_parameter(":ids", serde_json::json!(ids).to_string())?;
    }
    if let Some(state) = which.state {
        statement.raw_bind_parameter(":state", state)?;
    }
    if let Some(since) = which.since {
        statement.raw_bind_parameter(":since", since.get())?;
    }
    if let Some(until) = which.until {
        statement.raw_bind_parameter(":until", until.get())?;
    }
    Ok(())
}

pub(crate) fn event(connection: &Connection, id: &EventId) -> Result<Option<Event>, StoreError> {
    let mut select = connection.prepare_cached(sql::EVENT).map_err(failed)?;
    let mut found = select.query([id.as_str()]).map_err(failed)?;
    found.next().map_err(failed)?.map(rows::event).transpose()
}

pub(crate) fn events(
    connection: &Connection,
    filter: &EventFilter,
) -> Result<Vec<Event>, StoreError> {
    let mut select = connection.prepare_cached(&sql::events(filter)).map_err(failed)?;
    let bind = |select: &mut CachedStatement<'_>| -> rusqlite::Result<()> {
        if let Some(event_type) = &filter.event_type {
            select.raw_bind_parameter(":type", event_type.as_str())?;
        }
        if let Some(state) = filter.state {
            select.raw_bind_parameter(":state", state)?;
        }
        if let Some(since) = filter.since {
            select.raw_bind_parameter(":since", since.get())?;
        }
        select.raw_bind_parameter(":limit", filter.limit)
    };
    bind(&mut select).map_err(failed)?;
    let mut found = select.raw_query();
    let mut events = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        events.push(rows::event(row)?);
    }
    Ok(events)
}

pub(crate) fn backlog(connection: &Connection, now: UnixSeconds) -> Result<Backlog, StoreError> {
    let mut select = connection.prepare_cached(sql::BACKLOG).map_err(failed)?;
    select
        .query_row([Backlog::COUNTED_MAX], |row| {
            let first_due_at: Option<i64> = row.get("first_due_at")?;
            let overdue_seconds = first_due_at.map_or(0, |due_at| (now.get() - due_at).max(0));
            Ok(Backlog {
                pending: row.get("pending")?,
                overdue_seconds,
                dead: row.get("dead")?,
                waiting: row.get("waiting")?,
            })
        })
        .map_err(failed)
}

pub(crate) fn past(connection: &Connection, since: UnixSeconds) -> Result<Past, StoreError> {
    let mut select = connection.prepare_cached(sql::PAST).map_err(failed)?;
    select
        .query_row(params![since.get(), PAST_EVENTS_MAX], |row| {
            let moment = |column| -> rusqlite::Result<Option<UnixSeconds>> {
                Ok(row.get::<_, Option<i64>>(column)?.and_then(UnixSeconds::new))
            };
            Ok(Past {
                events: row.get("events")?,
                first_received_at: moment("first")?,
                last_received_at: moment("last")?,
                longest_gap_seconds: row.get("longest_gap")?,
            })
        })
        .map_err(failed)
}

pub(crate) fn prune(
    connection: &Connection,
    before: UnixSeconds,
    limit: u32,
) -> Result<u64, StoreError> {
    run(connection, sql::PRUNE, params![before.get(), limit]).map(|pruned| pruned as u64)
}

pub(crate) fn prunable(connection: &Connection, before: UnixSeconds) -> Result<u64, StoreError> {
    let mut count = connection.prepare_cached(sql::PRUNABLE).map_err(failed)?;
    let counted = count.query_row([before.get()], |row| row.get(0)).optional();
    counted.map(Option::unwrap_or_default).map_err(failed)
}
