//! Events that await their object.

use std::sync::Arc;

use portal_domain::{
    AwaitingObject, Event, EventId, ObjectId, StoreError, UnixSeconds, Written, row_decode,
};

use crate::connection::OpenConnection;
use crate::rows::{PostgresRow, read};
use crate::sql::{ONE_AT_A_TIME, fetching as sql};

pub(crate) async fn awaiting_object(
    open: &OpenConnection,
    limit: u32,
    now: UnixSeconds,
) -> Result<Vec<AwaitingObject>, StoreError> {
    let rows = open.query(sql::AWAITING_OBJECT, &[&i64::from(limit), &now.get()]).await?;
    rows.iter().map(|row| row_decode::awaiting_object(&PostgresRow(row))).collect()
}

pub(crate) async fn postpone(
    open: &OpenConnection,
    event: &EventId,
    at: UnixSeconds,
) -> Result<Written, StoreError> {
    // Without the lock the event could get its object meanwhile and yet stay in the queue.
    open.run(ONE_AT_A_TIME).await?;
    let postponed = open.execute(sql::POSTPONE, &[&event.as_str(), &at.get()]).await?;
    Ok(if postponed > 0 { Written::Applied } else { Written::Stale })
}

pub(crate) async fn has_thin_event(
    open: &OpenConnection,
    events: &[Arc<Event>],
) -> Result<Vec<bool>, StoreError> {
    let objects: Vec<_> =
        events.iter().map(|it| it.object_id.as_ref().map(ObjectId::as_str)).collect();
    let types: Vec<_> = events.iter().map(|it| it.event_type.as_str()).collect();
    let rows = open.query(sql::TOLD_THIN, &[&objects, &types]).await?;
    rows.iter().map(|row| read(row, 0)).collect()
}
