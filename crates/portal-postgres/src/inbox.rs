//! Events: recording them, and looking at them.

use std::collections::HashSet;
use std::sync::Arc;

use portal_domain::store::PAST_EVENTS_MAX;
use portal_domain::{
    Backlog, Event, EventFilter, EventId, Past, Recorded, StoreError, UnixSeconds, row,
};

use crate::connection::Open;
use crate::rows::{Cells, Columns, read};
use crate::sql;
use crate::terms::Terms;

/// One statement, and so one transaction: committed when it has an answer.
pub(crate) async fn record(
    open: &mut Open,
    events: &[Arc<Event>],
) -> Result<Vec<Recorded>, StoreError> {
    let columns = Columns::of(events)?;
    let rows = open.query(sql::RECORD, &columns.values()).await?;
    let new: Result<HashSet<&str>, _> = rows.iter().map(|row| read(row, 0)).collect();
    // An id that stands twice in the batch is new in its first place.
    let mut new = new?;
    let mut recorded = |id| if new.remove(id) { Recorded::New } else { Recorded::Duplicate };
    Ok(events.iter().map(|event| recorded(event.id.as_str())).collect())
}

pub(crate) async fn ping(open: &mut Open, now: UnixSeconds) -> Result<(), StoreError> {
    open.execute(sql::PING, &[&now.get()]).await.map(drop)
}

pub(crate) async fn event(open: &mut Open, id: &EventId) -> Result<Option<Event>, StoreError> {
    open.first(sql::EVENT, &[&id.as_str()]).await?.map(|row| row::event(&Cells(&row))).transpose()
}

pub(crate) async fn events(
    open: &mut Open,
    filter: &EventFilter,
) -> Result<Vec<Event>, StoreError> {
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

pub(crate) async fn backlog(open: &mut Open, now: UnixSeconds) -> Result<Backlog, StoreError> {
    let up_to = i64::try_from(Backlog::COUNTED_MAX).unwrap_or(i64::MAX);
    let row = open.first(sql::BACKLOG, &[&up_to]).await?.ok_or(StoreError::Corrupt)?;
    row::backlog(&Cells(&row), now)
}

pub(crate) async fn past(open: &mut Open, since: UnixSeconds) -> Result<Past, StoreError> {
    let values: [i64; 2] = [since.get(), PAST_EVENTS_MAX.into()];
    let row = open.first(sql::PAST, &[&values[0], &values[1]]).await?.ok_or(StoreError::Corrupt)?;
    row::past(&Cells(&row))
}
