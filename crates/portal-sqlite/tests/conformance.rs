//! The store's contract on SQLite.

#![expect(clippy::unwrap_used, reason = "a store that cannot be made fails the test")]

use portal_sqlite::SqliteStore;
use portal_store_suite::{Store, block_on, conformance};

conformance!(on_a_fresh_store);

fn on_a_fresh_store(case: impl AsyncFnOnce(&dyn Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("donations.db")).unwrap();
    block_on(case(&store));
}
