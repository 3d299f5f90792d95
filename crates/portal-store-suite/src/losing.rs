//! What holds where the store's answer is a failure, or does not arrive.

use portal_domain::Recorded::{Duplicate, New};
use portal_domain::{Store, StoreError};

use crate::lossy::{Call, Lossy};
use crate::samples::{an_event, batch, everything, listed};

/// A commit whose answer was lost: Stripe is told 503, sends again, and there is one event.
pub async fn a_lost_acknowledgement_is_a_duplicate_the_next_time(store: &dyn Store) {
    let lossy = Lossy::new(store);
    let delivery = batch([an_event("evt_1")]);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(lossy.record(&delivery).await, Err(StoreError::Busy));
    assert_eq!(lossy.record(&delivery).await, Ok(vec![Duplicate]));
    assert_eq!(listed(store, &everything()).await, ["evt_1"]);
}

/// What was in the lost batch is there, what comes beside it is new.
pub async fn a_lost_acknowledgement_of_a_batch_is_answered_event_by_event(store: &dyn Store) {
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Full));
    let lost = lossy.record(&batch(["evt_1", "evt_2"].map(an_event))).await;
    assert_eq!(lost, Err(StoreError::Full));
    let again = lossy.record(&batch(["evt_2", "evt_3", "evt_1"].map(an_event))).await;
    assert_eq!(again, Ok(vec![Duplicate, New, Duplicate]));
    assert_eq!(listed(store, &everything()).await, ["evt_3", "evt_2", "evt_1"]);
}

/// A write that failed as a whole is new the next time.
pub async fn a_failed_record_leaves_nothing(store: &dyn Store) {
    let lossy = Lossy::new(store);
    let delivery = batch(["evt_1", "evt_2"].map(an_event));
    lossy.plan(Call::Fails(StoreError::Full));
    assert_eq!(lossy.record(&delivery).await, Err(StoreError::Full));
    assert_eq!(listed(store, &everything()).await, [""; 0]);
    assert_eq!(lossy.record(&delivery).await, Ok(vec![New, New]));
}
