//! Statements on reconciliation: confirmations, jobs, the read budget and reports.

use jiff::SignedDuration;
use portal_domain::read_budget::BUDGET_DAYS;
use portal_domain::{Lease, ObjectId, Report, StoreError, UnixSeconds};

use super::Statement;
use super::statement::values;

/// Records that Stripe's API has shown these donations as they are here.
#[must_use]
pub fn confirm(donations: &[ObjectId], now: UnixSeconds) -> Statement<'static> {
    let confirm = "insert into confirmation (id, at) \
                   select value, ?2 from json_each(?1) where true on conflict (id) do nothing";
    let ids: Vec<_> = donations.iter().map(ObjectId::as_str).collect();
    Statement::new(confirm, values![serde_json::json!(ids).to_string(), now.get()])
}

/// Leases a job that is due. Returns the lease and the job's position; no row if it is not due.
#[must_use]
pub fn lease_job(job: &str, lease: SignedDuration, now: UnixSeconds) -> Statement<'_> {
    let begin = "insert into job (name, due_at, lease) values (?1, ?2, 1) \
                 on conflict (name) do update set due_at = excluded.due_at, lease = lease + 1 \
                 where due_at <= ?3 returning lease, state";
    Statement::new(begin, values![job, now.after(lease).get(), now.get()])
}

/// Saves the position of a job, if the lease is the current one.
#[must_use]
pub fn save_job<'v>(
    job: &'v str,
    lease: Lease,
    position: &'v str,
    due_at: UnixSeconds,
) -> Statement<'v> {
    let keep = "update job set state = ?3, due_at = ?4 where name = ?1 and lease = ?2";
    Statement::new(keep, values![job, lease.0, position, due_at.get()])
}

/// Returns the position of a job.
#[must_use]
pub fn job_state(job: &str) -> Statement<'_> {
    Statement::new("select state from job where name = ?1", values![job])
}

/// Counts reads for today, and deletes the days that no longer count.
#[must_use]
pub fn spend(reads: u32, now: UnixSeconds) -> [Statement<'static>; 2] {
    let spend = "insert into reads (day, count) values (?1, ?2) \
                 on conflict (day) do update set count = count + excluded.count";
    let [first, today] = days(now);
    [
        Statement::new(spend, values![today, reads]),
        Statement::new("delete from reads where day < ?1", values![first]),
    ]
}

/// Returns the number of reads that count.
#[must_use]
pub fn spent(now: UnixSeconds) -> Statement<'static> {
    let [first, today] = days(now);
    let spent = "select coalesce(sum(count), 0) as spent from reads where day between ?1 and ?2";
    Statement::new(spent, values![first, today])
}

/// Returns the first day whose reads still count, and today, in days since 1970.
fn days(now: UnixSeconds) -> [i64; 2] {
    const DAY: i64 = 24 * 3600;
    let today = now.get().div_euclid(DAY);
    [today - BUDGET_DAYS + 1, today]
}

/// Stores a report, and returns its number.
///
/// # Errors
/// [`StoreError::Failed`] if the report cannot be serialized.
pub fn file_report(report: &Report) -> Result<Statement<'_>, StoreError> {
    let file = "insert into report (number, made_at, body) \
                select coalesce(max(number), 0) + 1, ?1, ?2 from report returning number";
    let body = serde_json::to_string(report);
    let body = body.map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(Statement::new(file, values![report.made_at.get(), body]))
}

/// Returns the last reports, in the order of [`portal_domain::row_decode::report`].
#[must_use]
pub fn reports(number: Option<u64>, limit: u32) -> Statement<'static> {
    let mut reports = Statement::plain("select number, body from report where true");
    reports.add(" and number = ?", number.map(|it| i64::try_from(it).unwrap_or(i64::MAX)));
    reports.add(" order by number desc limit ?", Some(limit));
    reports
}
