//! Events: recording them with what follows from them, and what operators do about them.

use std::sync::Arc;

use async_trait::async_trait;
use portal_domain::{
    Entry, Event, EventFilter, EventId, Inbox, OperatorAction, Recorded, Reprocess, Selection,
    StoreError, UnixSeconds, Written, row_decode,
};

use super::{SqlStore, first_count, written};
use crate::executor::{Executor, Reading, Writing, result_at};
use crate::sql;

#[async_trait]
impl<E: Executor> Inbox for SqlStore<E> {
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.executor.record(entries, now).await
    }

    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError> {
        let mut statements = Vec::new();
        let mut last_but_one = Vec::with_capacity(steps.len());
        for step in steps {
            statements.extend(sql::inbox::reprocess(step, now)?);
            last_but_one.push(statements.len() - 2);
        }
        let results = self.executor.write(Writing::Now, &statements).await?;
        last_but_one.into_iter().map(|place| result_at(&results, place).map(written)).collect()
    }

    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError> {
        let results = self.executor.write(Writing::Now, &sql::inbox::ignore(which, now)).await?;
        result_at(&results, 0)?.one(first_count)
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.first(sql::inbox::event(id), row_decode::event).await
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.executor.read(Reading::Scan, sql::inbox::events(filter), row_decode::event).await
    }

    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let events = sql::inbox::events_for(action, which, after, limit);
        self.executor.read(Reading::Scan, events, row_decode::event).await
    }

    async fn count_for(
        &self,
        action: OperatorAction,
        which: &Selection,
    ) -> Result<u64, StoreError> {
        self.count(Reading::Scan, sql::inbox::count_for(action, which)).await
    }

    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        let told = sql::inbox::has_thin_event(events);
        let is_told = |row: &dyn row_decode::Row| row_decode::integer(row, 0).map(|it| it != 0);
        self.executor.read(Reading::Lookup, told, is_told).await
    }

    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
        self.executor.write(Writing::Now, &sql::inbox::ping(now)).await.map(|_| None)
    }
}
