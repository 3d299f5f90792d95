//! PostgreSQL compared with the model of a store.
//!
//! `PROPTEST_CASES` sets the number of cases.

#![expect(clippy::unwrap_used, reason = "a store that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

use home::Lent;
use portal_store_suite::Store;
use portal_store_suite::model::{Machine, Place};
use proptest::test_runner::Config;
use proptest_state_machine::prop_state_machine;

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

prop_state_machine! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_store_says_what_its_model_says(sequential 1..16 => Machine<Lent>);
}
