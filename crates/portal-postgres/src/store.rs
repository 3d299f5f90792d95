//! The store's sentences on PostgreSQL.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::{
    AlertChange, AlertRow, Backlog, Begun, Claimed, ClaimedNotice, Donation, DonationFilter, Event,
    EventFilter, EventId, Lease, NoticeSettlement, ObjectId, Past, Recorded, Remedy, Report,
    Selection, Settled, Settlement, Store, StoreError, Supplied, Total, UnixSeconds,
};
use tokio::runtime::{Builder, Runtime};

use crate::address::Address;
use crate::connection::{Purpose, within};
use crate::slot::{Slot, Taken};
use crate::{alerts, fetching, inbox, ledger, reconciling, schema, settling, wake};

/// The inbox and the ledger in one PostgreSQL database, shared with any number of other processes.
///
/// A server has up to six connections, each made when it is first needed and made anew after a
/// failure, so that the store works again when the trouble ends. No step takes longer than its limit:
/// two minutes for what an operator asks for, seconds for the rest. The steps may be awaited on any
/// executor.
pub struct PostgresStore {
    recording: Slot,
    settling: Slot,
    caring: Slot,
    operating: Slot,
    reading: Slot,
    reporting: Slot,
    address: Address,
    /// Where sockets and timers live. Taken by the end.
    runtime: Option<Runtime>,
}

/// Does a step on a connection of its own; after a failure the connection is closed.
macro_rules! step {
    ($slot:expr, |$open:ident| $step:expr) => {{
        let mut taken = $slot.take().await?;
        let timer = $slot.timer();
        let $open = &mut taken.open;
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
    pub fn open(address: &Address) -> Result<Self, StoreError> {
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
    pub fn open_as_it_is(address: &Address) -> Result<Self, StoreError> {
        let store = Self::new(address)?;
        store.try_out(&store.reading)?;
        Ok(store)
    }

    /// Calls `wake` each time another process has made events due, and each time such calls may have
    /// been missed.
    pub fn on_wake(&self, wake: impl Fn() + Send + Sync + 'static) {
        if let Some(runtime) = &self.runtime {
            runtime.spawn(wake::listen(self.address.clone(), wake));
        }
    }

    fn new(address: &Address) -> Result<Self, StoreError> {
        // One thread: it moves bytes, and the work is done elsewhere.
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let slot = |purpose| Slot::new(address, purpose, runtime.handle());
        Ok(Self {
            recording: slot(Purpose::Record),
            settling: slot(Purpose::Settle),
            caring: slot(Purpose::Care),
            operating: slot(Purpose::Operate),
            reading: slot(Purpose::Read),
            reporting: slot(Purpose::Report),
            address: address.clone(),
            runtime: Some(runtime),
        })
    }

    fn runtime(&self) -> Result<&Runtime, StoreError> {
        self.runtime.as_ref().ok_or(StoreError::Unreachable)
    }

    fn try_out(&self, slot: &Slot) -> Result<(), StoreError> {
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
impl Store for PostgresStore {
    async fn record(&self, events: &[Arc<Event>]) -> Result<Vec<Recorded>, StoreError> {
        step!(self.recording, |open| inbox::record(open, events))
    }

    async fn claim(
        &self,
        limit: u32,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Vec<Claimed>, StoreError> {
        step!(self.settling, |open| settling::claim(open, limit, lease, now))
    }

    async fn settle(
        &self,
        settlements: &[Settlement],
        now: UnixSeconds,
    ) -> Result<Vec<Settled>, StoreError> {
        step!(self.settling, |open| settling::settle(open, settlements, now))
    }

    async fn apply(
        &self,
        remedy: Remedy,
        which: &Selection,
        now: UnixSeconds,
    ) -> Result<u64, StoreError> {
        step!(self.operating, |open| settling::apply(open, remedy, which, now))
    }

    async fn eligible(&self, remedy: Remedy, which: &Selection) -> Result<u64, StoreError> {
        step!(self.reporting, |open| settling::eligible(open, remedy, which))
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        step!(self.reading, |open| inbox::event(open, id))
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        step!(self.reporting, |open| inbox::events(open, filter))
    }

    async fn backlog(&self, now: UnixSeconds) -> Result<Backlog, StoreError> {
        step!(self.reading, |open| inbox::backlog(open, now))
    }

    async fn past(&self, since: UnixSeconds) -> Result<Past, StoreError> {
        step!(self.reporting, |open| inbox::past(open, since))
    }

    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        step!(self.reading, |open| ledger::donations_of(open, ids))
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

    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        step!(self.caring, |open| alerts::raise(open, changes, now))
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        step!(self.reporting, |open| alerts::list(open, limit))
    }

    async fn claim_notice(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<ClaimedNotice>, StoreError> {
        step!(self.caring, |open| alerts::claim(open, channel, lease, now))
    }

    async fn settle_notice(
        &self,
        channel: &str,
        settlement: &NoticeSettlement,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        step!(self.caring, |open| alerts::settle(open, channel, settlement, now))
    }

    async fn waiting(&self, limit: u32, now: UnixSeconds) -> Result<Vec<Event>, StoreError> {
        step!(self.reading, |open| fetching::waiting(open, limit, now))
    }

    async fn supply(
        &self,
        event: &EventId,
        supplied: &Supplied,
        now: UnixSeconds,
    ) -> Result<Settled, StoreError> {
        step!(self.settling, |open| fetching::supply(open, event, supplied, now))
    }

    async fn told_thin(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        step!(self.reading, |open| fetching::told_thin(open, events))
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        step!(self.caring, |open| reconciling::confirm(open, donations, now))
    }

    async fn begin(
        &self,
        errand: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<Begun>, StoreError> {
        step!(self.caring, |open| reconciling::begin(open, errand, lease, now))
    }

    async fn keep(
        &self,
        errand: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Settled, StoreError> {
        step!(self.caring, |open| reconciling::keep(open, errand, lease, position, due_at))
    }

    async fn position(&self, errand: &str) -> Result<Option<String>, StoreError> {
        step!(self.reading, |open| reconciling::position(open, errand))
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        step!(self.caring, |open| reconciling::spend(open, reads, now))
    }

    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        step!(self.caring, |open| reconciling::file_report(open, report))
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        step!(self.reporting, |open| reconciling::reports(open, number, limit))
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        step!(self.operating, |open| settling::prune(open, before, limit))
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        step!(self.reporting, |open| settling::prunable(open, before))
    }

    async fn ping(&self, now: UnixSeconds) -> Result<(), StoreError> {
        step!(self.recording, |open| inbox::ping(open, now))
    }
}
