//! The suites of the store's contract on SQLite.
//!
//! `PROPTEST_CASES` says how many random cases are compared with the model.

use std::cell::RefCell;

use crate::quick::QuickHome;
use portal_contract::model::Place;
use portal_contract::{Store, block_on, suites};
use portal_sqlite::SqliteStore;

suites! {
    conformance: on_a_file_of_its_own;
    stories: on_an_empty_store;
    model: Spare;
}

fn on_a_file_of_its_own(case: impl AsyncFnOnce(&dyn Store)) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("donations.db")).unwrap();
    block_on(case(&store));
}

fn on_an_empty_store(case: impl AsyncFnOnce(&dyn Store)) {
    block_on(case(Spare::fresh().store()));
}

thread_local! {
    static SPARE: RefCell<Option<QuickHome>> = const { RefCell::new(None) };
}

/// A database that goes back to where it was taken from.
struct Spare(Option<QuickHome>);

impl Place for Spare {
    fn fresh() -> Self {
        let home = SPARE.take().unwrap_or_else(QuickHome::new);
        home.empty();
        Self(Some(home))
    }

    fn store(&self) -> &dyn Store {
        &self.0.as_ref().unwrap().store
    }

    fn restart(&mut self) {
        self.0.as_mut().unwrap().reopen();
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        SPARE.set(self.0.take());
    }
}
