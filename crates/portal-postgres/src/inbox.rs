//! Recording events with their changes, and reading them.

use std::collections::HashSet;
use std::sync::Arc;

use portal_domain::{
    AlertChange, Backlog, Entry, Event, EventFilter, EventId, Recorded, StoreError, UnixSeconds,
    row_decode,
};
use tokio::try_join;
use tokio_postgres::Row;

use crate::changes::{self, Changes};
use crate::connection::OpenConnection;
use crate::rows::{EventColumns, PostgresRow, read};
use crate::terms::Terms;
use crate::{alerts, sql};

/// Records events with their changes. If all are new and none raises an alert, this is one round
/// trip.
pub(crate) async fn record(
    open: &OpenConnection,
    entries: &[Arc<Entry>],
    now: UnixSeconds,
) -> Result<Vec<Recorded>, StoreError> {
    // Of an id that occurs twice in the batch the first is new.
    let mut ids = HashSet::with_capacity(entries.len());
    let mut left: Vec<&Entry> =
        entries.iter().map(|it| &**it).filter(|it| ids.insert(it.event().id.as_str())).collect();
    while !left.is_empty() {
        let there = record_new(open, &left, now, "commit").await?;
        if there.is_empty() {
            break;
        }
        left.retain(|it| !there.contains(it.event().id.as_str()));
    }
    let mut new: HashSet<_> = left.iter().map(|it| it.event().id.as_str()).collect();
    let recorded = |entry: &Arc<Entry>| {
        if new.remove(entry.event().id.as_str()) {
            Recorded::New(entry.event().state)
        } else {
            Recorded::Duplicate
        }
    };
    Ok(entries.iter().map(recorded).collect())
}

/// Writes all of `entries` in one transaction if none of them is recorded yet, else nothing. Returns
/// the ids of those that are recorded already.
async fn record_new(
    open: &OpenConnection,
    entries: &[&Entry],
    now: UnixSeconds,
    end: &'static str,
) -> Result<HashSet<String>, StoreError> {
    let changes = Changes::of(entries.iter().flat_map(|it| it.changes()));
    let mut raised: Vec<_> =
        entries.iter().filter_map(|it| it.alert()).map(AlertChange::Raise).collect();
    let in_one_trip = raised.is_empty() && changes.tell_nothing();
    let events = EventColumns::of(entries);
    let ledger = if in_one_trip { changes.columns() } else { changes::LedgerColumns::default() };
    let values: Vec<_> = events.values().into_iter().chain(ledger.values()).collect();
    let recording = open.query(sql::RECORD, &values);
    if in_one_trip {
        let ((), rows, ()) = try_join!(biased; open.begin(), recording, open.run(end))?;
        return there(&rows);
    }
    let ((), rows) = try_join!(biased; open.begin(), recording)?;
    let there = there(&rows)?;
    if !there.is_empty() {
        open.run("rollback").await?;
        return Ok(there);
    }
    raised.extend(changes.write(open).await?);
    alerts::write(open, &raised, now).await?;
    open.run(end).await?;
    Ok(there)
}

/// Returns the recorded ids that [`sql::RECORD`] found. A commit is durable only with the setting
/// that [`OpenConnection::begin`] makes; a pooler that pools by statement would lose the setting, and
/// then nothing has been written.
fn there(rows: &[Row]) -> Result<HashSet<String>, StoreError> {
    let row = rows.first().ok_or(StoreError::Corrupt)?;
    let setting: &str = read(row, 1)?;
    if setting != "on" {
        let found = setting.to_owned();
        return Err(StoreError::SettingLost { name: "synchronous_commit", found });
    }
    Ok(read::<Vec<String>>(row, 0)?.into_iter().collect())
}

/// Records an event and rolls it back; then writes the heartbeat.
pub(crate) async fn ping(
    open: &OpenConnection,
    now: UnixSeconds,
) -> Result<Option<UnixSeconds>, StoreError> {
    let probe = Entry::probe(now).ok_or(StoreError::Corrupt)?;
    record_new(open, &[&probe], now, "rollback").await?;
    open.begin().await?;
    let row = open.first(sql::PING, &[&now.get()]).await?.ok_or(StoreError::Corrupt)?;
    open.commit().await?;
    Ok(UnixSeconds::new(read(&row, 0)?))
}

pub(crate) async fn event(
    open: &OpenConnection,
    id: &EventId,
) -> Result<Option<Event>, StoreError> {
    open.first(sql::EVENT, &[&id.as_str()])
        .await?
        .map(|row| row_decode::event(&PostgresRow(&row)))
        .transpose()
}

pub(crate) async fn events(
    open: &OpenConnection,
    filter: &EventFilter,
) -> Result<Vec<Event>, StoreError> {
    let mut terms = match &filter.object {
        Some(object) => {
            let mut terms = Terms::new(sql::EVENTS_OF_OBJECT);
            terms.bind(object.as_str().to_owned());
            terms
        }
        None => Terms::new(sql::EVENTS),
    };
    terms.add(" and type = ?", filter.event_type.as_ref().map(|it| it.as_str().to_owned()));
    terms.add(" and state = ?", filter.state);
    terms.add(" and received_at >= ?", filter.since.map(UnixSeconds::get));
    terms.add(" order by seq desc limit ?", Some(i64::from(filter.limit)));
    open.query(&terms.sql, &terms.values())
        .await?
        .iter()
        .map(|row| row_decode::event(&PostgresRow(row)))
        .collect()
}

pub(crate) async fn backlog(open: &OpenConnection) -> Result<Backlog, StoreError> {
    let up_to = i64::try_from(Backlog::COUNTED_MAX).unwrap_or(i64::MAX);
    let row = open.first(sql::BACKLOG, &[&up_to]).await?.ok_or(StoreError::Corrupt)?;
    row_decode::backlog(&PostgresRow(&row))
}
