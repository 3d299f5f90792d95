//! The store's sentences on D1.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::row_decode::{self, Row};
use portal_domain::{
    AlertChange, AlertRow, Alerts, AwaitingObject, Backlog, DeliveryHistory, Donation,
    DonationFilter, DonationRows, Entry, Event, EventFilter, EventId, Inbox, Jobs, Lease,
    LeasedJob, LeasedNotification, Ledger, NotificationOutcome, ObjectId, OperatorAction, Recorded,
    Report, Reports, Reprocess, Selection, StoreError, Total, UnixSeconds, Written,
};
use portal_sqlite::sql::{self, Statement};
use worker::D1Database;

use crate::batch::{StatementResult, batch};

/// The inbox and the ledger in one D1 database.
///
/// Each sentence is one batch of statements, which D1 runs as one transaction
/// (<https://developers.cloudflare.com/d1/worker-api/d1-database/#batch>); its answer says that it
/// is durable.
pub struct D1Store {
    database: D1Database,
}

impl D1Store {
    /// The store in `database`, which has been migrated.
    #[must_use]
    pub fn new(database: D1Database) -> Self {
        Self { database }
    }

    async fn batch(
        &self,
        statements: &[Statement<'_>],
    ) -> Result<Vec<StatementResult>, StoreError> {
        batch(&self.database, statements).await
    }

    /// Runs one statement.
    async fn run(&self, statement: Statement<'_>) -> Result<StatementResult, StoreError> {
        self.batch(&[statement]).await?.pop().ok_or(StoreError::Corrupt)
    }

    /// Runs one statement that returns one row in any case.
    async fn one<T>(
        &self,
        statement: Statement<'_>,
        make: impl Fn(&dyn Row) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        self.run(statement).await?.first(make)?.ok_or(StoreError::Corrupt)
    }
}

#[async_trait]
impl Inbox for D1Store {
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut statements = Vec::new();
        let mut last = Vec::with_capacity(entries.len());
        for entry in entries {
            statements.extend(sql::inbox::record_at_once(entry, now)?);
            last.push(statements.len() - 1);
        }
        let answers = self.batch(&statements).await?;
        let recorded = |(entry, place): (&Arc<Entry>, usize)| {
            Ok(match changed(answers.get(place))? {
                0 => Recorded::Duplicate,
                _ => Recorded::New(entry.event().state),
            })
        };
        entries.iter().zip(last).map(recorded).collect()
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
        let answers = self.batch(&statements).await?;
        last_but_one.into_iter().map(|place| written(answers.get(place))).collect()
    }

    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError> {
        let answers = self.batch(&sql::inbox::ignore(which, now)).await?;
        let count = answers.first().ok_or(StoreError::Corrupt)?;
        count.first(|row| row_decode::count(row, 0))?.ok_or(StoreError::Corrupt)
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.run(sql::inbox::event(id)).await?.first(row_decode::event)
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.run(sql::inbox::events(filter)).await?.all(row_decode::event)
    }

    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.run(sql::inbox::events_for(action, which, after, limit)).await?.all(row_decode::event)
    }

    async fn count_for(
        &self,
        action: OperatorAction,
        which: &Selection,
    ) -> Result<u64, StoreError> {
        self.one(sql::inbox::count_for(action, which), |row| row_decode::count(row, 0)).await
    }

    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        let told = |row: &dyn Row| row_decode::integer(row, 0).map(|it| it != 0);
        self.run(sql::fetching::has_thin_event(events)).await?.all(told)
    }

    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
        self.batch(&sql::inbox::ping(now)).await.map(|_| None)
    }
}

#[async_trait]
impl Ledger for D1Store {
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        self.run(sql::donations::donations_of(ids)).await?.all(row_decode::donation_or_none)
    }

    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError> {
        self.run(sql::donations::donation_rows(id)).await?.first(row_decode::donation_rows)
    }

    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError> {
        self.run(sql::donations::parents_of(object)).await?.all(row_decode::object_id)
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        self.run(sql::donations::donations(filter, after, limit)).await?.all(row_decode::donation)
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        self.run(sql::donations::totals(filter)).await?.all(row_decode::total)
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        self.run(sql::reconciling::confirm(donations, now)).await.map(drop)
    }

    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
        self.run(sql::keep::check(limit)).await?.all(row_decode::object_id)
    }

    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError> {
        self.batch(&sql::keep::repair(ids)).await.map(drop)
    }
}

#[async_trait]
impl Alerts for D1Store {
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        let statements: Result<Vec<_>, _> =
            changes.iter().map(|change| sql::alerts::write(change, now)).collect();
        self.batch(&statements?).await.map(drop)
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        self.run(sql::alerts::list(limit)).await?.all(row_decode::alert)
    }

    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError> {
        let answers = self.batch(&sql::alerts::claim(channel, lease, now)).await?;
        let [due, leased] = &*answers else { return Err(StoreError::Corrupt) };
        let Some(notification) = due.first(row_decode::notification)? else { return Ok(None) };
        let lease = leased
            .first(|row| Ok((Lease(row_decode::integer(row, 0)?), row_decode::count(row, 1)?)))?;
        let (lease, attempts) = lease.ok_or(StoreError::Corrupt)?;
        Ok(Some(LeasedNotification { notification, lease, attempts }))
    }

    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.run(sql::alerts::finish(channel, outcome, now)).await.map(drop)
    }
}

#[async_trait]
impl Jobs for D1Store {
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError> {
        self.run(sql::reconciling::lease_job(job, lease, now)).await?.first(row_decode::begun)
    }

    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let kept = self.run(sql::reconciling::save_job(job, lease, position, due_at)).await?;
        written(Some(&kept))
    }

    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError> {
        let kept = |row: &dyn Row| row.text(0).map(|it| it.map(ToOwned::to_owned));
        let position = self.run(sql::reconciling::job_state(job)).await?.first(kept)?;
        Ok(position.flatten())
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        let mut statements = Vec::new();
        if reads > 0 {
            statements.extend(sql::reconciling::spend(reads, now));
        }
        statements.push(sql::reconciling::spent(now));
        let answers = self.batch(&statements).await?;
        let spent = answers.last().ok_or(StoreError::Corrupt)?;
        spent.first(|row| row_decode::count(row, 0))?.ok_or(StoreError::Corrupt)
    }

    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError> {
        self.run(sql::fetching::awaiting_object(limit, now)).await?.all(row_decode::awaiting_object)
    }

    async fn postpone_fetch(
        &self,
        event: &EventId,
        at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        written(Some(&self.run(sql::fetching::postpone(event, at)).await?))
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        let answers = self.batch(&sql::inbox::prune(before, limit)).await?;
        let [_alerts, _notifications, _hours, events, _rolled_up] = &*answers else {
            return Err(StoreError::Corrupt);
        };
        changed(Some(events))
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        self.one(sql::inbox::prunable(before), |row| row_decode::count(row, 0)).await
    }
}

#[async_trait]
impl Reports for D1Store {
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        self.one(sql::reconciling::file_report(report)?, |row| row_decode::count(row, 0)).await
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        self.run(sql::reconciling::reports(number, limit)).await?.all(row_decode::report)
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.one(sql::inbox::backlog(), row_decode::backlog).await
    }

    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError> {
        loop {
            let answers = self.batch(&sql::hours::delivery_history(since)).await?;
            let past =
                answers.last().ok_or(StoreError::Corrupt)?.first(row_decode::delivery_history)?;
            let (past, more) = past.ok_or(StoreError::Corrupt)?;
            if !more {
                return Ok(past);
            }
        }
    }
}

/// How many rows the statement of that answer has changed.
fn changed(answer: Option<&StatementResult>) -> Result<u64, StoreError> {
    answer.map(|it| it.changed as u64).ok_or(StoreError::Corrupt)
}

/// What a write came to, whose deciding statement has that answer.
fn written(answer: Option<&StatementResult>) -> Result<Written, StoreError> {
    Ok(if changed(answer)? > 0 { Written::Applied } else { Written::Stale })
}
