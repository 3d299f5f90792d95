//! The work beside the requests.

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::{
    AwaitingObject, EventId, Jobs, Lease, LeasedJob, StoreError, UnixSeconds, Written, row_decode,
};

use super::{SqlStore, first_count, written};
use crate::executor::{Executor, Reading, Writing};
use crate::sql;

#[async_trait]
impl<E: Executor> Jobs for SqlStore<E> {
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let leased = self.write_one(Writing::Now, sql::jobs::lease_job(job, lease, now)).await?;
        leased.first(row_decode::begun)
    }

    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let save = sql::jobs::save_job(job, lease, position, due_at);
        self.write_one(Writing::Now, save).await.map(|it| written(&it))
    }

    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError> {
        let state = |row: &dyn row_decode::Row| row.text(0).map(|it| it.map(ToOwned::to_owned));
        self.first(sql::jobs::job_state(job), state).await.map(Option::flatten)
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        let spent = sql::jobs::spent(now);
        if reads == 0 {
            return self.count(Reading::Lookup, spent).await;
        }
        let [count, forget] = sql::jobs::spend(reads, now);
        let results = self.executor.write(Writing::Now, &[count, forget, spent]).await?;
        results.last().ok_or(StoreError::Corrupt)?.one(first_count)
    }

    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError> {
        let awaiting = sql::jobs::awaiting_object(limit, now);
        self.executor.read(Reading::Lookup, awaiting, row_decode::awaiting_object).await
    }

    async fn postpone_fetch(
        &self,
        event: &EventId,
        at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let postpone = sql::jobs::postpone_fetch(event, at);
        self.write_one(Writing::Now, postpone).await.map(|it| written(&it))
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        let prune = sql::jobs::prune(before, limit);
        let results = self.executor.write(Writing::Now, &prune).await?;
        let [_alerts, _notifications, _hours, events, _rolled_up] = &*results else {
            return Err(StoreError::Corrupt);
        };
        Ok(events.changed)
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        self.count(Reading::Scan, sql::jobs::prunable(before)).await
    }
}
