//! The store on PostgreSQL: its connections. Each port is implemented in the file of its topic.

use portal_domain::StoreError;
use tokio::runtime::{Builder, Runtime};

use crate::address::DatabaseAddress;
use crate::connection::Purpose;
use crate::schema;
use crate::slot::{ClientSlot, Taken};

/// The inbox and the ledger in one PostgreSQL database, shared with any number of other processes.
///
/// A server has up to five connections, each made when it is first needed and made anew after a
/// failure, so that the store works again when the trouble ends. No step takes longer than its limit:
/// two minutes for what an operator asks for by a command, seconds for the rest. The steps may be awaited on any
/// executor.
pub struct PostgresStore {
    pub(crate) recording: ClientSlot,
    pub(crate) maintenance: ClientSlot,
    pub(crate) operating: ClientSlot,
    pub(crate) reading: ClientSlot,
    pub(crate) reporting: ClientSlot,
    /// The runtime of sockets and timers; `None` once the store is dropped.
    runtime: Option<Runtime>,
}

/// Does a step in a transaction on the connection of a slot; after a failure the connection is closed.
macro_rules! step {
    ($slot:expr, |$open:ident| $step:expr) => {
        $crate::store::by_itself!($slot, |$open| $open.in_transaction($step))
    };
}
pub(crate) use step;

/// As [`step`], for a step that begins and ends its transactions by itself.
macro_rules! by_itself {
    ($slot:expr, |$open:ident| $step:expr) => {{
        let taken = $slot.take().await?;
        let timer = $slot.timer();
        let $open = &taken.open;
        let done = $crate::connection::within(timer, $step).await?;
        taken.put_back();
        Ok(done)
    }};
}
pub(crate) use by_itself;

impl PostgresStore {
    /// Connects, and brings the schema up to date. Blocks; not to be called on a runtime.
    ///
    /// # Errors
    /// If that is not possible now.
    pub fn open(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let store = Self::new(address, Purpose::Report)?;
        store.runtime()?.block_on(schema::migrate(address.clone()))?;
        // The first delivery does not wait for a connection.
        store.try_out(&store.recording)?;
        Ok(store)
    }

    /// Connects to a database whose schema is up to date. Blocks; not to be called on a runtime.
    ///
    /// # Errors
    /// If that is not possible now, or the schema has to be migrated.
    pub fn open_as_it_is(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let store = Self::new(address, Purpose::Report)?;
        store.try_out(&store.reading)?;
        Ok(store)
    }

    /// The same for people who wait for a page: no statement that reads takes longer than two seconds.
    ///
    /// # Errors
    /// If that is not possible now, or the schema has to be migrated.
    pub fn open_for_pages(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let store = Self::new(address, Purpose::Page)?;
        store.try_out(&store.reading)?;
        Ok(store)
    }

    fn new(address: &DatabaseAddress, reporting: Purpose) -> Result<Self, StoreError> {
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
            reporting: slot(reporting),
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
