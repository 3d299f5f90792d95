//! The stories of donations on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a store that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

use home::Lent;
use portal_store_suite::{Store, block_on, stories};

stories!(on_a_fresh_store);

fn on_a_fresh_store(case: impl AsyncFnOnce(&dyn Store)) {
    let lent = Lent::new();
    block_on(case(&lent.home().store));
}
