//! Recorded events are found at once, in many repetitions.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::Store;

use crate::fixtures::a_gift;
use crate::samples::{record_new, text};

/// Records this number of payments one after the other, and reads the donation of each at once.
pub async fn each_payment_is_there_at_once(store: &dyn Store, payments: u32) {
    for n in 0..payments {
        record_new(store, &[a_gift(&n.to_string())]).await;
        let donation = store.donation(&text(&format!("pi_{n}"))).await.expect("the ledger");
        assert_eq!(donation.map(|it| it.net), Some(1000), "{n}");
    }
}
