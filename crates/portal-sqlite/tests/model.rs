//! SQLite compared with the model of a store.
//!
//! `PROPTEST_CASES` sets the number of cases.

#![expect(clippy::unwrap_used, reason = "a store that cannot be made fails the test")]

mod quick;

use std::cell::RefCell;

use portal_store_suite::Store;
use portal_store_suite::model::{Machine, Place};
use proptest::test_runner::Config;
use proptest_state_machine::prop_state_machine;
use quick::QuickHome;

/// A database on loan, which is returned on drop.
struct DatabaseUrl(Option<QuickHome>);

thread_local! {
    static SPARE: RefCell<Option<QuickHome>> = const { RefCell::new(None) };
}

impl Place for DatabaseUrl {
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

impl Drop for DatabaseUrl {
    fn drop(&mut self) {
        SPARE.set(self.0.take());
    }
}

prop_state_machine! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_store_says_what_its_model_says(sequential 1..16 => Machine<DatabaseUrl>);
}
