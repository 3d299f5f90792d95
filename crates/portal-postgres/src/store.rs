//! The store's sentences on PostgreSQL.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::{
    AlertChange, AlertRow, Alerts, AwaitingObject, Backlog, DeliveryHistory, Donation,
    DonationFilter, DonationRows, Entry, Event, EventFilter, EventId, Inbox, Jobs, Lease,
    LeasedJob, LeasedNotification, Ledger, NotificationOutcome, ObjectId, OperatorAction, Recorded,
    Report, Reports, Reprocess, Selection, StoreError, Total, UnixSeconds, Written,
};
use tokio::runtime::{Builder, Runtime};

use crate::address::DatabaseAddress;
use crate::connection::{OpenConnection, Purpose, within};
use crate::slot::{ClientSlot, Taken};
use crate::{alerts, fetching, hours, inbox, ledger, operating, reconciling, schema};

/// The inbox and the ledger in one PostgreSQL database, shared with any number of other processes.
///
/// A server has up to five connections, each made when it is first needed and made anew after a
/// failure, so that the store works again when the trouble ends. No step takes longer than its limit:
/// two minutes for what an operator asks for, seconds for the rest. The steps may be awaited on any
/// executor.
pub struct PostgresStore {
    recording: ClientSlot,
    maintenance: ClientSlot,
    operating: ClientSlot,
    reading: ClientSlot,
    reporting: ClientSlot,
    /// Where sockets and timers live. Taken by the end.
    runtime: Option<Runtime>,
}

/// Does a step in a transaction on a connection of its own; after a failure the connection is closed.
macro_rules! step {
    ($slot:expr, |$open:ident| $step:expr) => {{
        let step = async |$open: &OpenConnection| {
            $open.begin().await?;
            let done = $step.await?;
            $open.commit().await?;
            Ok(done)
        };
        by_itself!($slot, |open| step(open))
    }};
}

/// As [`step`], for a step that begins and ends its transactions by itself.
macro_rules! by_itself {
    ($slot:expr, |$open:ident| $step:expr) => {{
        let taken = $slot.take().await?;
        let timer = $slot.timer();
        let $open = &taken.open;
        let done = within(timer, $step).await?;
        taken.put_back();
        Ok(done)
    }};
}

impl PostgresStore {
    /// Connects, and brings the schema up to date. Blocks; not to be called on a runtime.
    ///
    /// # Errors
    /// Where that is not possible now.
    pub fn open(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let store = Self::new(address)?;
        store.runtime()?.block_on(schema::migrate(address.clone()))?;
        // The first delivery does not wait for a connection.
        store.try_out(&store.recording)?;
        Ok(store)
    }

    /// Connects to a database whose schema is up to date. Blocks; not to be called on a runtime.
    ///
    /// # Errors
    /// Where that is not possible now, or the schema has to be migrated.
    pub fn open_as_it_is(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let store = Self::new(address)?;
        store.try_out(&store.reading)?;
        Ok(store)
    }

    fn new(address: &DatabaseAddress) -> Result<Self, StoreError> {
        // One thread: it moves bytes, and the work is done elsewhere.
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let slot = |purpose| ClientSlot::new(address, purpose, runtime.handle());
        Ok(Self {
            recording: slot(Purpose::Record),
            maintenance: slot(Purpose::Maintenance),
            operating: slot(Purpose::Operate),
            reading: slot(Purpose::Read),
            reporting: slot(Purpose::Report),
            runtime: Some(runtime),
        })
    }

    fn runtime(&self) -> Result<&Runtime, StoreError> {
        self.runtime.as_ref().ok_or(StoreError::Unreachable)
    }

    fn try_out(&self, slot: &ClientSlot) -> Result<(), StoreError> {
        self.runtime()?.block_on(async { slot.take().await.map(Taken::put_back) })
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        // Anywhere: to wait for the end would not be allowed within another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[async_trait]
impl Inbox for PostgresStore {
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        by_itself!(self.recording, |open| inbox::record(open, entries, now))
    }

    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError> {
        step!(self.maintenance, |open| operating::reprocess(open, steps, now))
    }

    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError> {
        step!(self.operating, |open| operating::ignore(open, which, now))
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        step!(self.reading, |open| inbox::event(open, id))
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        // An object's events are looked up by keys; a list without may read much.
        let slot = if filter.object.is_some() { &self.reading } else { &self.reporting };
        step!(slot, |open| inbox::events(open, filter))
    }

    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        step!(self.reporting, |open| operating::events_for(open, action, which, after, limit))
    }

    async fn count_for(
        &self,
        action: OperatorAction,
        which: &Selection,
    ) -> Result<u64, StoreError> {
        step!(self.reporting, |open| operating::count_for(open, action, which))
    }

    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        step!(self.reading, |open| fetching::has_thin_event(open, events))
    }

    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
        by_itself!(self.recording, |open| inbox::ping(open, now))
    }
}

#[async_trait]
impl Ledger for PostgresStore {
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        step!(self.reading, |open| ledger::donations_of(open, ids))
    }

    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError> {
        step!(self.reading, |open| ledger::donation_rows(open, id))
    }

    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError> {
        step!(self.reading, |open| ledger::parents_of(open, object))
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        step!(self.reporting, |open| ledger::donations(open, filter, after, limit))
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        step!(self.reporting, |open| ledger::totals(open, filter))
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        step!(self.maintenance, |open| reconciling::confirm(open, donations, now))
    }

    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
        step!(self.reporting, |open| ledger::check(open, limit))
    }

    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError> {
        step!(self.operating, |open| ledger::repair(open, ids))
    }
}

#[async_trait]
impl Alerts for PostgresStore {
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        step!(self.maintenance, |open| alerts::write(open, changes, now))
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        step!(self.reporting, |open| alerts::list(open, limit))
    }

    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError> {
        step!(self.maintenance, |open| alerts::claim(open, channel, lease, now))
    }

    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        step!(self.maintenance, |open| alerts::finish(open, channel, outcome, now))
    }
}

#[async_trait]
impl Jobs for PostgresStore {
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError> {
        step!(self.maintenance, |open| reconciling::lease_job(open, job, lease, now))
    }

    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        step!(self.maintenance, |open| reconciling::save_job(open, job, lease, position, due_at))
    }

    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError> {
        step!(self.reading, |open| reconciling::job_state(open, job))
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        step!(self.maintenance, |open| reconciling::spend(open, reads, now))
    }

    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError> {
        step!(self.reading, |open| fetching::awaiting_object(open, limit, now))
    }

    async fn postpone_fetch(
        &self,
        event: &EventId,
        at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        step!(self.maintenance, |open| fetching::postpone(open, event, at))
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        step!(self.operating, |open| operating::prune(open, before, limit))
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        step!(self.reporting, |open| operating::prunable(open, before))
    }
}

#[async_trait]
impl Reports for PostgresStore {
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        step!(self.maintenance, |open| reconciling::file_report(open, report))
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        step!(self.reporting, |open| reconciling::reports(open, number, limit))
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        step!(self.reading, |open| inbox::backlog(open))
    }

    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError> {
        let step = async || -> Result<_, StoreError> {
            step!(self.maintenance, |open| hours::delivery_history(open, since))
        };
        loop {
            let (past, more) = step().await?;
            if !more {
                return Ok(past);
            }
        }
    }
}
