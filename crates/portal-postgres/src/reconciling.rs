//! Confirmations, jobs, the read budget and reports.

use jiff::SignedDuration;
use portal_domain::read_budget::BUDGET_DAYS;
use portal_domain::{
    Lease, LeasedJob, ObjectId, Report, StoreError, UnixSeconds, Written, row_decode,
};

use crate::connection::OpenConnection;
use crate::rows::{PostgresRow, read};
use crate::sql::reconciling as sql;
use crate::terms::Terms;

const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;

pub(crate) async fn confirm(
    open: &OpenConnection,
    donations: &[ObjectId],
    now: UnixSeconds,
) -> Result<(), StoreError> {
    let ids: Vec<_> = donations.iter().map(ObjectId::as_str).collect();
    open.execute(sql::CONFIRM, &[&ids, &now.get()]).await.map(drop)
}

pub(crate) async fn lease_job(
    open: &OpenConnection,
    job: &str,
    lease: SignedDuration,
    now: UnixSeconds,
) -> Result<Option<LeasedJob>, StoreError> {
    let until = now.after(lease);
    let row = open.first(sql::BEGIN, &[&job, &now.get(), &until.get()]).await?;
    let begun = |row| Ok(LeasedJob { lease: Lease(read(&row, 0)?), position: read(&row, 1)? });
    row.map(begun).transpose()
}

pub(crate) async fn save_job(
    open: &OpenConnection,
    job: &str,
    lease: Lease,
    position: &str,
    due_at: UnixSeconds,
) -> Result<Written, StoreError> {
    let kept = open.execute(sql::KEEP, &[&job, &lease.0, &position, &due_at.get()]).await?;
    Ok(if kept > 0 { Written::Applied } else { Written::Stale })
}

pub(crate) async fn job_state(
    open: &OpenConnection,
    job: &str,
) -> Result<Option<String>, StoreError> {
    let row = open.first(sql::POSITION, &[&job]).await?;
    row.map_or(Ok(None), |row| read(&row, 0))
}

pub(crate) async fn spend(
    open: &OpenConnection,
    reads: u32,
    now: UnixSeconds,
) -> Result<u64, StoreError> {
    let today = now.get().div_euclid(SECONDS_OF_A_DAY);
    let row = open.first(sql::SPEND, &[&today, &i64::from(reads), &BUDGET_DAYS]).await?;
    row_decode::count(&PostgresRow(&row.ok_or(StoreError::Corrupt)?), 0)
}

pub(crate) async fn file_report(open: &OpenConnection, report: &Report) -> Result<u64, StoreError> {
    let body =
        serde_json::to_string(report).map_err(|error| StoreError::Failed(error.to_string()))?;
    // The lock needs a statement of its own: only a statement that begins after it sees the last
    // number.
    open.run(sql::ONE_FILES).await?;
    let row = open.first(sql::FILE, &[&report.made_at.get(), &body]).await?;
    row_decode::count(&PostgresRow(&row.ok_or(StoreError::Corrupt)?), 0)
}

pub(crate) async fn reports(
    open: &OpenConnection,
    number: Option<u64>,
    limit: u32,
) -> Result<Vec<(u64, Report)>, StoreError> {
    let mut terms = Terms::new(sql::REPORTS);
    // A number beyond the type of the column belongs to no report.
    terms.add(" and number = ?", number.map(|it| i64::try_from(it).unwrap_or(i64::MAX)));
    terms.add(" order by number desc limit ?", Some(i64::from(limit)));
    let rows = open.query(&terms.sql, &terms.values()).await?;
    rows.iter().map(|row| row_decode::report(&PostgresRow(row))).collect()
}
