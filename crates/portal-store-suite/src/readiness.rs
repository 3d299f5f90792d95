//! The proof that a write would succeed.

use portal_domain::Store;

use crate::samples::{at, everything, listed};

/// A store that was just made can be written to.
pub async fn a_fresh_store_is_ready(store: &dyn Store) {
    assert_eq!(store.ping(at(1_760_000_000)).await, Ok(()));
}

/// A check leaves nothing that anybody would meet.
pub async fn a_ping_leaves_no_event(store: &dyn Store) {
    assert_eq!(store.ping(at(1_760_000_000)).await, Ok(()));
    assert_eq!(listed(store, &everything()).await, [""; 0]);
}

/// Checks come every few seconds, and a machine's clock may be set back.
pub async fn a_ping_may_come_again_and_from_a_clock_set_back(store: &dyn Store) {
    for second in [1_760_000_000, 1_760_000_000, 1_760_000_005, 0] {
        assert_eq!(store.ping(at(second)).await, Ok(()), "{second}");
    }
}
