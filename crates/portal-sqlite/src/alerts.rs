//! Alerts, and who was told of them.

use jiff::SignedDuration;
use portal_domain::tell::NEWS_FOR;
use portal_domain::{
    Action, Alert, AlertChange, AlertRow, ClaimedNotice, Lease, Notice, NoticeSettlement,
    StoreError, UnixSeconds,
};
use rusqlite::{Connection, Row, params};

use crate::connection::failed;
use crate::sql::alerts as sql;
use crate::store::run;

pub(crate) fn write(
    connection: &Connection,
    changes: &[AlertChange],
    now: UnixSeconds,
) -> Result<(), StoreError> {
    for change in changes {
        match change {
            AlertChange::Raise(alert) => raise(connection, alert, now)?,
            AlertChange::Resolve(key) => {
                run(connection, sql::RESOLVE, params![key, now.get()])?;
            }
            AlertChange::Subside { key, since } => {
                run(connection, sql::SUBSIDE, params![key, now.get(), since.get()])?;
            }
        }
    }
    Ok(())
}

pub(crate) fn raise(
    connection: &Connection,
    alert: &Alert,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    let body =
        serde_json::to_string(alert).map_err(|error| StoreError::Failed(error.to_string()))?;
    let cool_down = alert.cool_down().map(|it| it.as_secs());
    run(connection, sql::RAISE, params![alert.key(), body, now.get(), cool_down]).map(drop)
}

pub(crate) fn claim(
    connection: &Connection,
    channel: &str,
    lease: SignedDuration,
    now: UnixSeconds,
) -> Result<Option<ClaimedNotice>, StoreError> {
    let old = now.after(-NEWS_FOR);
    let mut due = connection.prepare_cached(sql::DUE).map_err(failed)?;
    let mut found = due.query(params![channel, now.get(), old.get()]).map_err(failed)?;
    let Some(row) = found.next().map_err(failed)? else { return Ok(None) };
    let notice = notice(row)?;
    let mut claim = connection.prepare_cached(sql::LEASE).map_err(failed)?;
    let until = now.after(lease).get();
    let (lease, attempts) = claim
        .query_row(params![channel, notice.key, until], |row| {
            Ok((Lease(row.get("lease")?), row.get("attempts")?))
        })
        .map_err(failed)?;
    Ok(Some(ClaimedNotice { notice, lease, attempts }))
}

pub(crate) fn settle(
    connection: &Connection,
    channel: &str,
    settlement: &NoticeSettlement,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    let NoticeSettlement { key, lease, told } = settlement;
    match told {
        Ok(action) => {
            let there = *action == Action::Trigger;
            run(connection, sql::TOLD, params![channel, key, lease.0, there, now.get()])
        }
        Err(at) => run(connection, sql::TELL_AGAIN, params![channel, key, lease.0, at.get()]),
    }
    .map(drop)
}

pub(crate) fn list(connection: &Connection, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
    let mut select = connection.prepare_cached(sql::ALERTS).map_err(failed)?;
    let mut found = select.query([limit]).map_err(failed)?;
    let mut alerts = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        let Notice { key, action, alert, count, since } = notice(row)?;
        let told: Option<String> = row.get("told").map_err(failed)?;
        let told = told.unwrap_or_default();
        alerts.push(AlertRow {
            key,
            alert,
            open: action == Action::Trigger,
            count,
            since,
            changed_at: moment(row, "changed_at")?,
            told: told.split(',').filter(|it| !it.is_empty()).map(ToOwned::to_owned).collect(),
        });
    }
    Ok(alerts)
}

pub(crate) fn prune(connection: &Connection, before: UnixSeconds) -> Result<(), StoreError> {
    run(connection, sql::PRUNE_ALERTS, [before.get()])?;
    run(connection, sql::PRUNE_NOTICES, []).map(drop)
}

/// What this service never wrote is damage.
fn notice(row: &Row<'_>) -> Result<Notice, StoreError> {
    let body: String = row.get("body").map_err(failed)?;
    let open: bool = row.get("open").map_err(failed)?;
    Ok(Notice {
        key: row.get("key").map_err(failed)?,
        action: if open { Action::Trigger } else { Action::Resolve },
        alert: serde_json::from_str(&body).map_err(|_| StoreError::Corrupt)?,
        count: row.get("count").map_err(failed)?,
        since: moment(row, "since")?,
    })
}

fn moment(row: &Row<'_>, column: &str) -> Result<UnixSeconds, StoreError> {
    let seconds: i64 = row.get(column).map_err(failed)?;
    UnixSeconds::new(seconds).ok_or(StoreError::Corrupt)
}
