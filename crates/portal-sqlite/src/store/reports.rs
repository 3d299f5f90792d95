//! Completeness reports, and what readiness and the monitor go by.

pub(super) mod hours;

use async_trait::async_trait;
use portal_domain::{
    Backlog, DeliveryHistory, DeliveryHour, HourSpan, Report, Reports, StoreError, UnixSeconds,
    row_decode,
};

use super::SqlStore;
use crate::executor::{Executor, Reading, Writing};
use crate::sql::{Statement, values};

/// The number of times that a step of the roll-up is tried while another connection writes. Each
/// waits for 100 ms at most, so that deliveries go first; a command that asks shall wait, not fail.
const ATTEMPTS: u32 = 10;

#[async_trait]
impl<E: Executor> Reports for SqlStore<E> {
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        let file = "insert into report (number, made_at, body) \
                    select coalesce(max(number), 0) + 1, ?1, ?2 from report returning number";
        let body = serde_json::to_string(report);
        let body = body.map_err(|error| StoreError::Failed(error.to_string()))?;
        let file = Statement::new(file, values![report.made_at.get(), body]);
        self.write_one(Writing::Now, file).await?.one(row_decode::number)
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        let mut reports = Statement::plain("select number, body from report where true");
        // A number beyond the type of the column belongs to no report.
        reports.add(" and number = ?", number.map(|it| i64::try_from(it).unwrap_or(i64::MAX)));
        reports.add(" order by number desc limit ?", Some(limit));
        self.executor.read(Reading::Scan, reports, row_decode::report).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let backlog = "\
            select \
                (select count(*) from (select 1 from event where state = 'dead' limit ?1)) as dead, \
                (select count(*) from (select 1 from event where state = 'awaiting_object' limit ?1)) \
                    as awaiting_object, \
                (select count(*) from (select 1 from acknowledgement limit ?1)) as acknowledged";
        let backlog = Statement::new(backlog, values![Backlog::COUNTED_MAX.cast_signed()]);
        self.first(backlog, row_decode::backlog).await?.ok_or(StoreError::Corrupt)
    }

    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError> {
        let mut attempts = 1;
        loop {
            let results = match self.executor.write(Writing::Beside, &hours::roll_up(since)).await {
                Err(StoreError::Busy) if attempts < ATTEMPTS => {
                    attempts += 1;
                    self.executor.give_way();
                    continue;
                }
                results => results?,
            };
            let history = results.last().ok_or(StoreError::Corrupt)?;
            let (history, more) = history.one(row_decode::delivery_history)?;
            if !more {
                return Ok(history);
            }
            self.executor.give_way();
        }
    }

    async fn delivery_hours(&self, spans: &[HourSpan]) -> Result<Vec<DeliveryHour>, StoreError> {
        let hours = hours::within(spans);
        self.executor.read(Reading::Lookup, hours, row_decode::delivery_hour).await
    }
}
