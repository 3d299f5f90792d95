//! Events: recording them with what follows from them, and looking at them.

use std::collections::HashSet;
use std::sync::Arc;

use portal_domain::store::PAST_EVENTS_MAX;
use portal_domain::{
    AlertChange, Backlog, Entry, Event, EventFilter, EventId, Past, Recorded, StoreError,
    UnixSeconds, row,
};
use tokio::try_join;

use crate::alerts;
use crate::connection::Open;
use crate::ledger::Changes;
use crate::rows::{Cells, Columns, read};
use crate::sql;
use crate::terms::Terms;

/// One transaction: which events are new, in the round trip that begins it, and then all that follows
/// from these.
pub(crate) async fn record(
    open: &Open,
    entries: &[Arc<Entry>],
    now: UnixSeconds,
) -> Result<Vec<Recorded>, StoreError> {
    record_until(open, entries, now, "commit").await
}

async fn record_until(
    open: &Open,
    entries: &[Arc<Entry>],
    now: UnixSeconds,
    end: &'static str,
) -> Result<Vec<Recorded>, StoreError> {
    let columns = Columns::of(entries);
    let values = columns.values();
    let ((), rows) = try_join!(biased; open.begin(), open.query(sql::RECORD, &values))?;
    let mut new = HashSet::with_capacity(rows.len());
    for row in &rows {
        check_setting(read(row, 1)?)?;
        new.insert(read::<&str>(row, 0)?);
    }
    let (mut changes, mut raised) = (Changes::default(), Vec::new());
    // An id that stands twice in the batch is new in its first place.
    let recorded = |entry: &Arc<Entry>| {
        if new.remove(entry.event().id.as_str()) {
            Recorded::New(entry.event().state)
        } else {
            Recorded::Duplicate
        }
    };
    let recorded: Vec<_> = entries.iter().map(recorded).collect();
    for (entry, _) in entries.iter().zip(&recorded).filter(|(_, it)| **it != Recorded::Duplicate) {
        entry.changes().iter().for_each(|it| changes.add(it));
        raised.extend(entry.alert().map(AlertChange::Raise));
    }
    raised.extend(changes.write(open).await?);
    alerts::write(open, &raised, now).await?;
    open.run(end).await?;
    Ok(recorded)
}

/// A commit proves durability only under the setting that [`Open::begin`] has made. A pooler that
/// hands on statements one by one would lose it.
fn check_setting(found: &str) -> Result<(), StoreError> {
    if found == "on" {
        return Ok(());
    }
    Err(StoreError::SettingLost { name: "synchronous_commit", found: found.to_owned() })
}

/// Does what a delivery does, and undoes it; then writes what stays.
pub(crate) async fn ping(open: &Open, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
    let probe = Entry::probe(now).ok_or(StoreError::Corrupt)?;
    record_until(open, &[Arc::new(probe)], now, "rollback").await?;
    open.begin().await?;
    let row = open.first(sql::PING, &[&now.get()]).await?.ok_or(StoreError::Corrupt)?;
    open.commit().await?;
    Ok(UnixSeconds::new(read(&row, 0)?))
}

pub(crate) async fn event(open: &Open, id: &EventId) -> Result<Option<Event>, StoreError> {
    open.first(sql::EVENT, &[&id.as_str()]).await?.map(|row| row::event(&Cells(&row))).transpose()
}

pub(crate) async fn events(open: &Open, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
    let mut terms = Terms::new(sql::EVENTS);
    terms.add(" and type = ?", filter.event_type.as_ref().map(|it| it.as_str().to_owned()));
    terms.add(" and state = ?", filter.state);
    terms.add(" and received_at >= ?", filter.since.map(UnixSeconds::get));
    terms.add(" order by seq desc limit ?", Some(i64::from(filter.limit)));
    open.query(&terms.sql, &terms.values())
        .await?
        .iter()
        .map(|row| row::event(&Cells(row)))
        .collect()
}

pub(crate) async fn backlog(open: &Open) -> Result<Backlog, StoreError> {
    let up_to = i64::try_from(Backlog::COUNTED_MAX).unwrap_or(i64::MAX);
    let row = open.first(sql::BACKLOG, &[&up_to]).await?.ok_or(StoreError::Corrupt)?;
    row::backlog(&Cells(&row))
}

pub(crate) async fn past(open: &Open, since: UnixSeconds) -> Result<Past, StoreError> {
    let values: [i64; 2] = [since.get(), PAST_EVENTS_MAX.into()];
    let row = open.first(sql::PAST, &[&values[0], &values[1]]).await?.ok_or(StoreError::Corrupt)?;
    row::past(&Cells(&row))
}
