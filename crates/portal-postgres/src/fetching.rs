//! Events that wait for their object: which they are, and what came of fetching it.

use std::sync::Arc;

use portal_domain::{
    AlertChange, Event, EventId, Facts, ObjectId, Settled, State, StoreError, Supplied,
    UnixSeconds, row,
};

use crate::alerts;
use crate::connection::Open;
use crate::rows::{Cells, read};
use crate::settling::begin_alone;
use crate::sql::fetching as sql;

pub(crate) async fn waiting(
    open: &mut Open,
    limit: u32,
    now: UnixSeconds,
) -> Result<Vec<Event>, StoreError> {
    let rows = open.query(sql::WAITING, &[&i64::from(limit), &now.get()]).await?;
    rows.iter().map(|row| row::event(&Cells(row))).collect()
}

/// One transaction, and alone: an operator may be ignoring what is supplied.
pub(crate) async fn supply(
    open: &mut Open,
    event: &EventId,
    supplied: &Supplied,
    now: UnixSeconds,
) -> Result<Settled, StoreError> {
    begin_alone(open).await?;
    let changed = match supplied {
        Supplied::Object { facts, at } => object(open, event, facts, *at, now).await?,
        Supplied::Later { at } => {
            open.execute(sql::POSTPONE, &[&event.as_str(), &at.get()]).await?
        }
        Supplied::Dead { reason, alert } => {
            let changed = forgo(open, event, State::Dead(*reason)).await?;
            if changed > 0 {
                alerts::write(open, &[AlertChange::Raise(alert.clone())], now).await?;
            }
            changed
        }
        Supplied::Ignored(reason) => forgo(open, event, State::Ignored(*reason)).await?,
    };
    open.commit().await?;
    Ok(if changed > 0 { Settled::Applied } else { Settled::Stale })
}

async fn object(
    open: &mut Open,
    event: &EventId,
    facts: &Facts,
    at: UnixSeconds,
    now: UnixSeconds,
) -> Result<u64, StoreError> {
    let json = serde_json::to_string(facts);
    let json = json.map_err(|error| StoreError::Failed(error.to_string()))?;
    let id = facts.object_id().map(ObjectId::as_str);
    open.execute(sql::SUPPLY, &[&event.as_str(), &json, &at.get(), &id, &now.get()]).await
}

async fn forgo(open: &mut Open, event: &EventId, state: State) -> Result<u64, StoreError> {
    open.execute(sql::FORGO, &[&event.as_str(), &state.name(), &state.reason()]).await
}

pub(crate) async fn told_thin(
    open: &mut Open,
    events: &[Arc<Event>],
) -> Result<Vec<bool>, StoreError> {
    let objects: Vec<_> =
        events.iter().map(|it| it.object_id.as_ref().map(ObjectId::as_str)).collect();
    let types: Vec<_> = events.iter().map(|it| it.event_type.as_str()).collect();
    let rows = open.query(sql::TOLD_THIN, &[&objects, &types]).await?;
    rows.iter().map(|row| read(row, 0)).collect()
}
