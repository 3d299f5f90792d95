//! Empty databases for thousands of cases: in memory if the machine has such a folder, and emptied
//! instead of created again, because opening one takes longer than a case.

use std::path::{Path, PathBuf};

use portal_contract::emptying;
use portal_sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

/// A database in a temporary folder, removed on drop.
pub(crate) struct QuickHome {
    pub(crate) store: SqliteStore,
    other_program: Connection,
    folder: TempDir,
}

impl QuickHome {
    pub(crate) fn new() -> Self {
        let in_memory = Path::new("/dev/shm");
        let folder =
            if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() };
        let folder = folder.unwrap();
        let store = SqliteStore::open(&path(&folder)).unwrap();
        let other_program = Connection::open(path(&folder)).unwrap();
        Self { store, other_program, folder }
    }

    /// Empties the database.
    pub(crate) fn empty(&self) {
        self.other_program
            .execute_batch(&format!("begin immediate; {}; commit", emptying().join("; ")))
            .unwrap();
    }

    /// Opens the database again, as a restarted service does.
    pub(crate) fn reopen(&mut self) {
        self.store = SqliteStore::open(&path(&self.folder)).unwrap();
    }
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("donations.db")
}
