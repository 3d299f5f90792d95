//! The executor on one file.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use portal_domain::{Entry, Recorded, StoreError, UnixSeconds};
use rusqlite::Connection;

use crate::checkpoint::Checkpoints;
use crate::connection::{AccessMode, OpenDatabase};
use crate::damage::Damage;
use crate::executor::{Executor, MakeValue, Reading, StatementResult, Writing};
use crate::read_limit::ReadLimit;
use crate::run::{all, change, run};
use crate::slot::ConnectionSlot;
use crate::sql::Statement;
use crate::store::SqlStore;
use crate::store::inbox::record;
use crate::write;

/// The inbox and the ledger in one SQLite file, in WAL mode with `synchronous=FULL`.
///
/// Its methods block the calling thread, up to two seconds where another process holds the lock.
/// After a failure the file is opened anew, so that the store works again when the trouble ends.
pub type SqliteStore = SqlStore<SqliteExecutor>;

/// Runs statements on connections to one SQLite file.
pub struct SqliteExecutor {
    /// Reading has a connection of its own: it waits for no write, and no write waits for it.
    reading: ConnectionSlot,
    /// A connection of its own for reads that may take seconds, so that the backlog does not wait for it.
    scanning: ConnectionSlot,
    /// Closed last, because the last one empties the log, and that takes one that writes.
    writing: ConnectionSlot,
    checkpoints: Checkpoints,
    damage: Damage,
}

/// Between the steps of a long work: a lock that is let go and taken again at once is not given to
/// those who wait for it, and deliveries must not wait for seconds.
const GIVE_WAY: Duration = Duration::from_millis(2);

impl SqliteStore {
    /// Opens the file at `path` for writing, makes it where there is none, and brings its schema up
    /// to date.
    ///
    /// # Errors
    /// If that is not possible now.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = OpenDatabase::new(path, AccessMode::Create)?;
        let reading = ConnectionSlot::new(path, AccessMode::Read, None);
        let writing = ConnectionSlot::new(path, AccessMode::Write, Some(open));
        Ok(Self::new(SqliteExecutor::new(path, reading, writing)))
    }

    /// Opens the file at `path`, which is up to date, for people who wait for a page: no read takes longer
    /// than `limit`, so that none keeps the log from starting over.
    ///
    /// # Errors
    /// If there is no such file, or it is not a database of this service.
    pub fn open_for_pages(path: &Path, limit: &ReadLimit) -> Result<Self, StoreError> {
        let open = OpenDatabase::new(path, AccessMode::Read)?;
        let reading = ConnectionSlot::new(path, AccessMode::Read, Some(open)).with_limit(limit);
        let writing = ConnectionSlot::new(path, AccessMode::Write, None);
        let mut executor = SqliteExecutor::new(path, reading, writing);
        executor.scanning = executor.scanning.with_limit(limit);
        Ok(Self::new(executor))
    }

    /// Opens the file at `path` for reading, beside a server that may be writing to it.
    ///
    /// # Errors
    /// If there is no such file, or it is not a database of this service.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let open = OpenDatabase::new(path, AccessMode::Read)?;
        let reading = ConnectionSlot::new(path, AccessMode::Read, Some(open));
        let writing = ConnectionSlot::new(path, AccessMode::Read, None);
        Ok(Self::new(SqliteExecutor::new(path, reading, writing)))
    }
}

impl SqliteExecutor {
    fn new(path: &Path, reading: ConnectionSlot, writing: ConnectionSlot) -> Self {
        let scanning = ConnectionSlot::new(path, AccessMode::Read, None);
        Self {
            reading,
            scanning,
            writing,
            checkpoints: Checkpoints::new(path),
            damage: Damage::new(path),
        }
    }

    /// One transaction.
    fn transaction<T>(
        &self,
        how: Writing,
        step: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.writing.with(|connection| {
            let done = write::transaction(connection, how, step)?;
            self.checkpoints.after_commit(connection);
            Ok(done)
        });
        // Of a read the same error may mean one row that this service never wrote.
        self.damage.note(&done);
        // SQLite keeps a file open as long as any connection is: to open it anew, close all.
        if done.is_err() {
            self.reading.close();
            self.scanning.close();
        }
        done
    }
}

impl Executor for SqliteExecutor {
    async fn read<T: Send>(
        &self,
        how: Reading,
        statement: Statement<'_>,
        make: MakeValue<T>,
    ) -> Result<Vec<T>, StoreError> {
        let slot = match how {
            Reading::Lookup => &self.reading,
            Reading::Scan => &self.scanning,
        };
        slot.with(|connection| all(connection, &statement, make))
    }

    async fn write(
        &self,
        how: Writing,
        statements: &[Statement<'_>],
    ) -> Result<Vec<StatementResult>, StoreError> {
        self.transaction(how, |connection| {
            statements.iter().map(|it| run(connection, it)).collect()
        })
    }

    /// Writes what follows from an event after it, and only if it is new: that costs less than
    /// statements which find out by themselves.
    async fn record_entries(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.transaction(Writing::Now, |connection| {
            entries.iter().map(|entry| record_one(connection, entry, now)).collect()
        })
    }

    fn give_way(&self) {
        thread::sleep(GIVE_WAY);
    }

    fn check_damage(&self, now: UnixSeconds) -> Result<(), StoreError> {
        self.damage.check(now)
    }
}

fn record_one(
    connection: &Connection,
    entry: &Entry,
    now: UnixSeconds,
) -> Result<Recorded, StoreError> {
    if change(connection, &record::insert(entry))? == 0 {
        return Ok(Recorded::Duplicate);
    }
    for statement in record::follow(entry, now)? {
        change(connection, &statement)?;
    }
    Ok(Recorded::New(entry.event().state))
}
