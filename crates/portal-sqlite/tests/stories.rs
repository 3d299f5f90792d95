//! The stories of donations on SQLite.

#![expect(clippy::unwrap_used, reason = "a store that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod quick;

use portal_store_suite::{Store, block_on, stories};
use quick::QuickHome;

thread_local! {
    /// Each test has a thread of its own.
    static HOME: QuickHome = QuickHome::new();
}

stories!(on_a_fresh_store);

fn on_a_fresh_store(case: impl AsyncFnOnce(&dyn Store)) {
    HOME.with(|home| {
        home.empty();
        block_on(case(&home.store));
    });
}
