//! Alerts, and notifying channels of them.

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::row_decode::{self, Row};
use portal_domain::{
    AlertChange, AlertRow, Alerts, Lease, LeasedNotification, NotificationOutcome, StoreError,
    UnixSeconds,
};

use super::SqlStore;
use crate::executor::{Executor, Reading, Writing, result_at};
use crate::sql;

#[async_trait]
impl<E: Executor> Alerts for SqlStore<E> {
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        let write = |change| sql::alerts::write(change, now);
        let statements = changes.iter().map(write).collect::<Result<Vec<_>, _>>()?;
        self.executor.write(Writing::Beside, &statements).await.map(drop)
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        self.executor.read(Reading::Scan, sql::alerts::list(limit), row_decode::alert).await
    }

    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError> {
        let claim = sql::alerts::claim(channel, lease, now);
        let results = self.executor.write(Writing::Beside, &claim).await?;
        let Some(notification) = result_at(&results, 0)?.first(row_decode::notification)? else {
            return Ok(None);
        };
        let (lease, attempts) = result_at(&results, 1)?.one(lease_and_attempts)?;
        Ok(Some(LeasedNotification { notification, lease, attempts }))
    }

    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let finish = sql::alerts::finish(channel, outcome, now);
        self.write_one(Writing::Beside, finish).await.map(drop)
    }
}

fn lease_and_attempts(row: &dyn Row) -> Result<(Lease, u32), StoreError> {
    Ok((Lease(row_decode::integer(row, 0)?), row_decode::count(row, 1)?))
}
