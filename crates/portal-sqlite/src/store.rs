//! The store's sentences on SQLite.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_domain::{Event, EventFilter, EventId, Recorded, Store, StoreError, UnixSeconds};
use rusqlite::{Connection, Params};

use crate::checkpoint::Checkpoints;
use crate::connection::{Open, Purpose, failed};
use crate::{rows, sql};

/// The inbox in one SQLite file, in WAL mode with `synchronous=FULL`.
///
/// Its methods block the calling thread, up to two seconds where another process holds the lock.
/// After a failure the file is opened anew, so that the store works again when the trouble ends.
pub struct SqliteStore {
    path: PathBuf,
    purpose: Purpose,
    open: Mutex<Option<Open>>,
    checkpoints: Checkpoints,
}

impl SqliteStore {
    /// Opens the file at `path` for writing, makes it where there is none, and brings its schema up
    /// to date.
    ///
    /// # Errors
    /// Where that is not possible now.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = Open::new(path, Purpose::Create)?;
        Ok(Self::new(path, Purpose::Write, open))
    }

    /// Opens the file at `path` for reading, beside a server that may be writing to it.
    ///
    /// # Errors
    /// Where there is no such file, or it is not a database of this service.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let open = Open::new(path, Purpose::Read)?;
        Ok(Self::new(path, Purpose::Read, open))
    }

    fn new(path: &Path, purpose: Purpose, open: Open) -> Self {
        let checkpoints = Checkpoints::new(path);
        Self { path: path.to_owned(), purpose, open: Mutex::new(Some(open)), checkpoints }
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
        self.with(|connection| {
            let recorded = record(connection, events)?;
            self.checkpoints.after_commit(connection);
            Ok(recorded)
        })
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.with(|connection| {
            let mut select = connection.prepare_cached(sql::EVENT).map_err(failed)?;
            let mut found = select.query([id.as_str()]).map_err(failed)?;
            found.next().map_err(failed)?.map(rows::event).transpose()
        })
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.with(|connection| events(connection, filter))
    }

    async fn ping(&self, now: UnixSeconds) -> Result<(), StoreError> {
        self.with(|connection| {
            let [probe, remove, heartbeat] = sql::PING;
            atomically(connection, || {
                run(connection, probe, [])?;
                run(connection, remove, [])?;
                run(connection, heartbeat, [now.get()])
            })
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

fn run(connection: &Connection, sql: &str, values: impl Params) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    statement.execute(values).map(drop).map_err(failed)
}

fn record(connection: &Connection, events: &[Arc<Event>]) -> Result<Vec<Recorded>, StoreError> {
    atomically(connection, || {
        let mut insert = connection.prepare_cached(sql::RECORD).map_err(failed)?;
        let record = |event: &Arc<Event>| {
            let new = rows::insert(&mut insert, event)?;
            Ok(if new { Recorded::New } else { Recorded::Duplicate })
        };
        events.iter().map(record).collect()
    })
}

fn events(connection: &Connection, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
    let mut select = connection.prepare_cached(&sql::events(filter)).map_err(failed)?;
    let bind = |select: &mut rusqlite::CachedStatement<'_>| -> rusqlite::Result<()> {
        if let Some(event_type) = &filter.event_type {
            select.raw_bind_parameter(":type", event_type.as_str())?;
        }
        if let Some(state) = filter.state {
            select.raw_bind_parameter(":state", state)?;
        }
        if let Some(since) = filter.since {
            select.raw_bind_parameter(":since", since.get())?;
        }
        select.raw_bind_parameter(":limit", filter.limit)
    };
    bind(&mut select).map_err(failed)?;
    let mut found = select.raw_query();
    let mut events = Vec::new();
    while let Some(row) = found.next().map_err(failed)? {
        events.push(rows::event(row)?);
    }
    Ok(events)
}
