//! A database in a temporary folder.

use std::fs;
use std::path::PathBuf;

use portal_contract::{an_event, at, batch, block_on, everything};
use portal_domain::{Inbox as _, Recorded, State, StoreError};
use portal_sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

/// The result of recording a new sample event.
pub(crate) const NEW: Recorded = Recorded::New(State::Processed);

/// The folder, removed on drop.
pub(crate) struct TestHome {
    folder: TempDir,
}

impl TestHome {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Returns the path of the database.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("donations.db")
    }

    /// Opens the database as the service does.
    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }

    /// Opens the database as another program does.
    pub(crate) fn other_program(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// Returns the files of the database: its own and those that SQLite keeps beside it.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Copies the files as they would be if the process ended now.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        // The `-shm` file is not used by the next process.
        for file in self.files().iter().filter(|file| !file.ends_with("donations.db-shm")) {
            fs::copy(file, copy.folder.path().join(file.file_name().unwrap())).unwrap();
        }
        copy
    }
}

/// Records a sample event for each id, in one step.
pub(crate) fn record(store: &SqliteStore, ids: &[&str]) -> Result<Vec<Recorded>, StoreError> {
    block_on(store.record(&batch(ids.iter().copied().map(an_event)), at(0)))
}

/// Returns the recorded ids, newest first.
pub(crate) fn ids(store: &SqliteStore) -> Result<Vec<String>, StoreError> {
    let events = block_on(store.events(&everything()))?;
    Ok(events.iter().map(|event| event.id.to_string()).collect())
}
