//! Completeness reports, and what readiness and the monitor go by.

use async_trait::async_trait;
use portal_domain::{
    Backlog, DeliveryHistory, Report, Reports, StoreError, UnixSeconds, row_decode,
};

use super::{SqlStore, first_count};
use crate::executor::{Executor, Reading, Writing};
use crate::sql;

#[async_trait]
impl<E: Executor> Reports for SqlStore<E> {
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        self.write_one(Writing::Now, sql::reports::file_report(report)?).await?.one(first_count)
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        let reports = sql::reports::reports(number, limit);
        self.executor.read(Reading::Scan, reports, row_decode::report).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        let backlog = self.first(sql::reports::backlog(), row_decode::backlog).await?;
        backlog.ok_or(StoreError::Corrupt)
    }

    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError> {
        loop {
            let statements = sql::hours::delivery_history(since);
            let results = self.executor.write(Writing::Beside, &statements).await?;
            let told = results.last().ok_or(StoreError::Corrupt)?;
            let (history, more) = told.one(row_decode::delivery_history)?;
            if !more {
                return Ok(history);
            }
            self.executor.give_way();
        }
    }
}
