//! Alerts and their notifications.

use jiff::SignedDuration;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::notify::NEWS_FOR;
use portal_domain::{
    Action, Alert, AlertChange, AlertRow, Lease, LeasedNotification, Notification,
    NotificationOutcome, StoreError, UnixSeconds, row_decode,
};

use crate::connection::OpenConnection;
use crate::rows::PostgresRow;
use crate::sql::alerts as sql;

pub(crate) async fn write(
    open: &OpenConnection,
    changes: &[AlertChange],
    now: UnixSeconds,
) -> Result<(), StoreError> {
    // Alerts are written in the order of their keys, so that two processes that write the same ones
    // do not deadlock. Changes of one key keep the given order.
    let mut changes: Vec<_> = changes.iter().map(|it| (key(it), it)).collect();
    changes.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (key, change) in changes {
        match change {
            AlertChange::Raise(alert) => write_raised(open, &key, alert, now).await?,
            AlertChange::Resolve(_) => {
                open.execute(sql::RESOLVE, &[&key.as_str(), &now.get()]).await?;
            }
            AlertChange::ResolveIfQuietSince { since, .. } => {
                open.execute(sql::SUBSIDE, &[&key.as_str(), &now.get(), &since.get()]).await?;
            }
        }
    }
    Ok(())
}

fn key(change: &AlertChange) -> String {
    match change {
        AlertChange::Raise(alert) => alert.key(),
        AlertChange::Resolve(key) | AlertChange::ResolveIfQuietSince { key, .. } => key.clone(),
    }
}

async fn write_raised(
    open: &OpenConnection,
    key: &str,
    alert: &Alert,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    let body =
        serde_json::to_string(alert).map_err(|error| StoreError::Failed(error.to_string()))?;
    let cool_down = alert.cool_down().map(|it| it.as_secs());
    open.execute(sql::RAISE, &[&key, &body, &now.get(), &cool_down]).await.map(drop)
}

/// Ends the alert about dead events if no event is dead.
pub(crate) async fn resolve_dead(
    open: &OpenConnection,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    // The lock needs a statement of its own: only a statement that begins after it sees the event
    // that died last.
    open.first(sql::HOLD, &[&EVENT_DEAD]).await?;
    open.execute(sql::RESOLVE_DEAD, &[&EVENT_DEAD, &now.get()]).await.map(drop)
}

pub(crate) async fn claim(
    open: &OpenConnection,
    channel: &str,
    lease: SignedDuration,
    now: UnixSeconds,
) -> Result<Option<LeasedNotification>, StoreError> {
    // Mostly no notification is due, and then no lock is needed.
    if due(open, channel, now).await?.is_none() {
        return Ok(None);
    }
    open.execute(sql::ONE_TELLER, &[&channel]).await?;
    let Some(notification) = due(open, channel, now).await? else { return Ok(None) };
    let until = now.after(lease).get();
    let row = open.first(sql::LEASE, &[&channel, &notification.key.as_str(), &until]).await?;
    let row = row.ok_or(StoreError::Corrupt)?;
    let row = PostgresRow(&row);
    let (lease, attempts) = (Lease(row_decode::integer(&row, 0)?), row_decode::count(&row, 1)?);
    Ok(Some(LeasedNotification { notification, lease, attempts }))
}

async fn due(
    open: &OpenConnection,
    channel: &str,
    now: UnixSeconds,
) -> Result<Option<Notification>, StoreError> {
    let old = now.after(-NEWS_FOR);
    let row = open.first(sql::DUE, &[&channel, &now.get(), &old.get()]).await?;
    row.map(|row| row_decode::notification(&PostgresRow(&row))).transpose()
}

pub(crate) async fn finish(
    open: &OpenConnection,
    channel: &str,
    outcome: &NotificationOutcome,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    let NotificationOutcome { key, lease, notified } = outcome;
    match notified {
        Ok(action) => {
            let there = *action == Action::Trigger;
            open.execute(sql::TOLD, &[&channel, &key.as_str(), &lease.0, &there, &now.get()]).await
        }
        Err(at) => {
            open.execute(sql::TELL_AGAIN, &[&channel, &key.as_str(), &lease.0, &at.get()]).await
        }
    }
    .map(drop)
}

pub(crate) async fn list(open: &OpenConnection, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
    let rows = open.query(sql::ALERTS, &[&i64::from(limit)]).await?;
    rows.iter().map(|row| row_decode::alert(&PostgresRow(row))).collect()
}
