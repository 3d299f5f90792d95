//! Alerts, and who was told of them.

use jiff::SignedDuration;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::tell::NEWS_FOR;
use portal_domain::{
    Action, Alert, AlertChange, AlertRow, ClaimedNotice, Lease, Notice, NoticeOutcome, StoreError,
    UnixSeconds, row,
};

use crate::connection::Open;
use crate::rows::Cells;
use crate::sql::alerts as sql;

pub(crate) async fn write(
    open: &Open,
    changes: &[AlertChange],
    now: UnixSeconds,
) -> Result<(), StoreError> {
    // In the order of their keys, so that two processes that write the same ones wait for each
    // other, and never both; of one key in the order given.
    let mut changes: Vec<_> = changes.iter().map(|it| (key(it), it)).collect();
    changes.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (key, change) in changes {
        match change {
            AlertChange::Raise(alert) => write_raised(open, &key, alert, now).await?,
            AlertChange::Resolve(_) => {
                open.execute(sql::RESOLVE, &[&key.as_str(), &now.get()]).await?;
            }
            AlertChange::Subside { since, .. } => {
                open.execute(sql::SUBSIDE, &[&key.as_str(), &now.get(), &since.get()]).await?;
            }
        }
    }
    Ok(())
}

fn key(change: &AlertChange) -> String {
    match change {
        AlertChange::Raise(alert) => alert.key(),
        AlertChange::Resolve(key) | AlertChange::Subside { key, .. } => key.clone(),
    }
}

async fn write_raised(
    open: &Open,
    key: &str,
    alert: &Alert,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    let body =
        serde_json::to_string(alert).map_err(|error| StoreError::Failed(error.to_string()))?;
    let cool_down = alert.cool_down().map(|it| it.as_secs());
    open.execute(sql::RAISE, &[&key, &body, &now.get(), &cool_down]).await.map(drop)
}

/// Ends the trouble that events are dead, where none is.
pub(crate) async fn resolve_dead(open: &Open, now: UnixSeconds) -> Result<(), StoreError> {
    // A statement of its own: only one that begins when the alert is held sees who died last.
    open.first(sql::HOLD, &[&EVENT_DEAD]).await?;
    open.execute(sql::RESOLVE_DEAD, &[&EVENT_DEAD, &now.get()]).await.map(drop)
}

pub(crate) async fn claim(
    open: &Open,
    channel: &str,
    lease: SignedDuration,
    now: UnixSeconds,
) -> Result<Option<ClaimedNotice>, StoreError> {
    // Mostly there is nothing to tell, and nobody to be kept waiting for that.
    if due(open, channel, now).await?.is_none() {
        return Ok(None);
    }
    open.execute(sql::ONE_TELLER, &[&channel]).await?;
    let Some(notice) = due(open, channel, now).await? else { return Ok(None) };
    let until = now.after(lease).get();
    let row = open.first(sql::LEASE, &[&channel, &notice.key.as_str(), &until]).await?;
    let row = row.ok_or(StoreError::Corrupt)?;
    let row = Cells(&row);
    let (lease, attempts) = (Lease(row::integer(&row, 0)?), row::count(&row, 1)?);
    Ok(Some(ClaimedNotice { notice, lease, attempts }))
}

async fn due(open: &Open, channel: &str, now: UnixSeconds) -> Result<Option<Notice>, StoreError> {
    let old = now.after(-NEWS_FOR);
    let row = open.first(sql::DUE, &[&channel, &now.get(), &old.get()]).await?;
    row.map(|row| row::notice(&Cells(&row))).transpose()
}

pub(crate) async fn finish(
    open: &Open,
    channel: &str,
    outcome: &NoticeOutcome,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    let NoticeOutcome { key, lease, told } = outcome;
    match told {
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

pub(crate) async fn list(open: &Open, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
    let rows = open.query(sql::ALERTS, &[&i64::from(limit)]).await?;
    rows.iter().map(|row| row::alert(&Cells(row))).collect()
}
