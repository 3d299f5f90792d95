//! The store's sentences on SQLite.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::{
    AlertChange, AlertRow, Backlog, Claimed, ClaimedNotice, Donation, DonationFilter, Event,
    EventFilter, EventId, NoticeSettlement, ObjectId, Past, Recorded, Remedy, Selection, Settled,
    Settlement, Store, StoreError, Total, UnixSeconds,
};
use rusqlite::{Connection, Params};

use crate::checkpoint::Checkpoints;
use crate::connection::{BUSY_TIMEOUT, GIVING_WAY, Open, Purpose, failed};
use crate::{alerts, inbox, ledger, sql};

/// The inbox and the ledger in one SQLite file, in WAL mode with `synchronous=FULL`.
///
/// Its methods block the calling thread, up to two seconds where another process holds the lock.
/// After a failure the file is opened anew, so that the store works again when the trouble ends.
pub struct SqliteStore {
    /// Reading has a connection of its own: it waits for no write, and no write waits for it.
    reading: Slot,
    /// What may take seconds has another one, so that a look at the backlog does not wait for it.
    reporting: Slot,
    /// Closed last, because the last one empties the log, and that takes one that writes.
    writing: Slot,
    checkpoints: Checkpoints,
}

/// A connection to the file, where there is one now.
struct Slot {
    path: PathBuf,
    purpose: Purpose,
    open: Mutex<Option<Open>>,
}

impl SqliteStore {
    /// Opens the file at `path` for writing, makes it where there is none, and brings its schema up
    /// to date.
    ///
    /// # Errors
    /// Where that is not possible now.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = Open::new(path, Purpose::Create)?;
        let reading = Slot::new(path, Purpose::Read, None);
        Ok(Self::new(path, reading, Slot::new(path, Purpose::Write, Some(open))))
    }

    /// Opens the file at `path` for reading, beside a server that may be writing to it.
    ///
    /// # Errors
    /// Where there is no such file, or it is not a database of this service.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let open = Open::new(path, Purpose::Read)?;
        let reading = Slot::new(path, Purpose::Read, Some(open));
        Ok(Self::new(path, reading, Slot::new(path, Purpose::Read, None)))
    }

    fn new(path: &Path, reading: Slot, writing: Slot) -> Self {
        let reporting = Slot::new(path, Purpose::Read, None);
        Self { reading, reporting, writing, checkpoints: Checkpoints::new(path) }
    }

    /// One transaction.
    fn write<T>(
        &self,
        how: Write,
        step: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.writing.with(|connection| {
            how.begin(connection)?;
            let done = atomically(connection, || step(connection))?;
            how.end(connection)?;
            self.checkpoints.after_commit(connection);
            Ok(done)
        });
        // SQLite keeps a file open as long as any connection is: to open it anew, close all.
        if done.is_err() {
            for slot in [&self.reading, &self.reporting] {
                if let Ok(mut open) = slot.open.try_lock() {
                    *open = None;
                }
            }
        }
        done
    }
}

/// How a transaction is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Write {
    /// It is on the disk when that returns, and waits for a lock as long as a delivery may.
    Now,
    /// It is on the disk when that returns, and gives way where somebody else has the lock: whoever
    /// writes this tries again by itself, and deliveries wait meanwhile.
    Beside,
    /// It gives way as well, and is on the disk with the next one at the latest: a power cut before
    /// then undoes all of it. For what would then be done again.
    Soon,
}

impl Write {
    fn begin(self, connection: &Connection) -> Result<(), StoreError> {
        if self != Self::Now {
            connection.busy_timeout(GIVING_WAY).map_err(failed)?;
        }
        if self == Self::Soon {
            connection.execute_batch("pragma synchronous = normal").map_err(failed)?;
        }
        Ok(())
    }

    /// Not called after a failure, which closes the connection.
    fn end(self, connection: &Connection) -> Result<(), StoreError> {
        if self == Self::Soon {
            connection.execute_batch("pragma synchronous = full").map_err(failed)?;
        }
        if self != Self::Now {
            connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        }
        Ok(())
    }
}

impl Slot {
    fn new(path: &Path, purpose: Purpose, open: Option<Open>) -> Self {
        Self { path: path.to_owned(), purpose, open: Mutex::new(open) }
    }

    fn with<T>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, and put back only after success: a connection that failed is closed.
        let open = match slot.take() {
            Some(open) => open,
            None => Open::new(&self.path, self.purpose)?,
        };
        open.check_not_moved()?;
        let done = step(&open.connection)?;
        // Again, because the step may have waited for a lock while the file was moved.
        open.check_not_moved()?;
        *slot = Some(open);
        Ok(done)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn record(&self, events: &[Arc<Event>]) -> Result<Vec<Recorded>, StoreError> {
        self.write(Write::Now, |connection| inbox::record(connection, events))
    }

    async fn claim(
        &self,
        limit: u32,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Vec<Claimed>, StoreError> {
        self.write(Write::Soon, |connection| inbox::claim(connection, limit, lease, now))
    }

    async fn settle(
        &self,
        settlements: &[Settlement],
        now: UnixSeconds,
    ) -> Result<Vec<Settled>, StoreError> {
        self.write(Write::Soon, |connection| inbox::settle(connection, settlements, now))
    }

    async fn apply(
        &self,
        remedy: Remedy,
        which: &Selection,
        now: UnixSeconds,
    ) -> Result<u64, StoreError> {
        self.write(Write::Now, |connection| inbox::apply(connection, remedy, which, now))
    }

    async fn eligible(&self, remedy: Remedy, which: &Selection) -> Result<u64, StoreError> {
        self.reporting.with(|connection| inbox::eligible(connection, remedy, which))
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.reading.with(|connection| inbox::event(connection, id))
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.reporting.with(|connection| inbox::events(connection, filter))
    }

    async fn backlog(&self, now: UnixSeconds) -> Result<Backlog, StoreError> {
        self.reading.with(|connection| inbox::backlog(connection, now))
    }

    async fn past(&self, since: UnixSeconds) -> Result<Past, StoreError> {
        self.reporting.with(|connection| inbox::past(connection, since))
    }

    async fn donation(&self, id: &ObjectId) -> Result<Option<Donation>, StoreError> {
        self.reading.with(|connection| ledger::donation(connection, id))
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<&Donation>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        self.reporting.with(|connection| ledger::donations(connection, filter, after, limit))
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        self.reporting.with(|connection| ledger::totals(connection, filter))
    }

    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        self.write(Write::Beside, |connection| alerts::write(connection, changes, now))
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        self.reporting.with(|connection| alerts::list(connection, limit))
    }

    async fn claim_notice(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<ClaimedNotice>, StoreError> {
        self.write(Write::Soon, |connection| alerts::claim(connection, channel, lease, now))
    }

    async fn settle_notice(
        &self,
        channel: &str,
        settlement: &NoticeSettlement,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.write(Write::Beside, |connection| alerts::settle(connection, channel, settlement, now))
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        self.write(Write::Now, |connection| {
            alerts::prune(connection, before)?;
            inbox::prune(connection, before, limit)
        })
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        self.reporting.with(|connection| inbox::prunable(connection, before))
    }

    async fn ping(&self, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(Write::Now, |connection| {
            let [probe, remove, heartbeat] = sql::PING;
            run(connection, probe, [])?;
            run(connection, remove, [])?;
            run(connection, heartbeat, [now.get()]).map(drop)
        })
    }
}

/// One transaction. Not rusqlite's `Transaction`, which prepares BEGIN and COMMIT anew each time;
/// where a step fails the connection is closed, and that rolls back.
fn atomically<T>(
    connection: &Connection,
    step: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    run(connection, "begin immediate", [])?;
    let done = step()?;
    run(connection, "commit", [])?;
    Ok(done)
}

/// Runs one statement; tells how many rows it changed.
pub(crate) fn run(
    connection: &Connection,
    sql: &str,
    values: impl Params,
) -> Result<usize, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    statement.execute(values).map_err(failed)
}
