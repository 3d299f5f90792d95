//! The check that a write would succeed.

use portal_domain::{Backlog, Store};

use crate::fixtures::{alerts, donations};
use crate::samples::{at, everything, listed};

async fn answers(store: &dyn Store, second: i64) {
    let answer = store.ping(at(second)).await;
    assert!(answer.is_ok(), "{second}: {answer:?}");
}

/// A new store takes writes.
pub(crate) async fn a_fresh_store_is_ready(store: &dyn Store) {
    answers(store, 1_760_000_000).await;
}

/// The check leaves no visible rows.
pub(crate) async fn a_ping_leaves_no_event_and_no_donation(store: &dyn Store) {
    answers(store, 1_760_000_000).await;
    assert_eq!(listed(store, &everything()).await, [""; 0]);
    assert_eq!((donations(store).await, alerts(store).await), (vec![], vec![]));
    assert_eq!(store.backlog().await, Ok(Backlog::default()));
}

/// Checks run every few seconds, and a clock may be set back.
pub(crate) async fn a_ping_may_come_again_and_from_a_clock_set_back(store: &dyn Store) {
    for second in [1_760_000_000, 1_760_000_000, 1_760_000_005, 0] {
        answers(store, second).await;
    }
}
