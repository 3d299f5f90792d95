//! The suites of the store's contract on PostgreSQL.
//!
//! `PROPTEST_CASES` says how many random cases are compared with the model.

use crate::home::Lent;
use portal_contract::model::Place;
use portal_contract::{Store, block_on, suites};

suites! {
    conformance: on_an_empty_store;
    stories: on_an_empty_store;
    model: Lent;
}

fn on_an_empty_store(case: impl AsyncFnOnce(&dyn Store)) {
    block_on(case(Lent::fresh().store()));
}

impl Place for Lent {
    fn fresh() -> Self {
        Self::new()
    }

    fn store(&self) -> &dyn Store {
        &self.home().store
    }

    fn restart(&mut self) {
        self.home_mut().reopen();
    }
}
