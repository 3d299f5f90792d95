//! Statements on reports, and on what the ledger lacks.

use portal_domain::{Backlog, Report, StoreError};

use super::Statement;
use super::statement::values;

/// Files a report, and returns its number.
///
/// # Errors
/// [`StoreError::Failed`] where it cannot be written down.
pub fn file_report(report: &Report) -> Result<Statement<'_>, StoreError> {
    let file = "insert into report (number, made_at, body) \
                select coalesce(max(number), 0) + 1, ?1, ?2 from report returning number";
    let body = serde_json::to_string(report);
    let body = body.map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(Statement::new(file, values![report.made_at.get(), body]))
}

/// The last reports, in the order of [`portal_domain::row_decode::report`].
#[must_use]
pub fn reports(number: Option<u64>, limit: u32) -> Statement<'static> {
    let mut reports = Statement::plain("select number, body from report where true");
    reports.add(" and number = ?", number.map(|it| i64::try_from(it).unwrap_or(i64::MAX)));
    reports.add(" order by number desc limit ?", Some(limit));
    reports
}

/// Counts the events that are dead or await their object, up to [`Backlog::COUNTED_MAX`], in the
/// order of [`portal_domain::row_decode::backlog`].
#[must_use]
pub fn backlog() -> Statement<'static> {
    let backlog = "\
        select \
            (select count(*) from (select 1 from event where state = 'dead' limit ?1)) as dead, \
            (select count(*) from (select 1 from event where state = 'awaiting_object' limit ?1)) \
                as awaiting_object";
    let counted_max = i64::try_from(Backlog::COUNTED_MAX).unwrap_or(i64::MAX);
    Statement::new(backlog, values![counted_max])
}
