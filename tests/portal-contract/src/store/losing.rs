//! A call of the store fails, or its answer is lost.

use portal_domain::Recorded::{Duplicate, New};
use portal_domain::{DeadReason, Inbox as _, State, Store, StoreError};

use crate::fixtures::{a_gift, a_gift_without_currency, alerts, given_ids, later};
use crate::lossy::{Call, Lossy};
use crate::samples::{batch, everything, listed};

/// The answer of a commit was lost: Stripe gets 503 and sends again, and there is one event, with its
/// money once.
pub(crate) async fn a_lost_acknowledgement_is_a_duplicate_the_next_time(store: &dyn Store) {
    let lossy = Lossy::new(store);
    let delivery = batch([a_gift("1")]);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(lossy.record(&delivery, later(0)).await, Err(StoreError::Busy));
    for _ in 0..2 {
        let totals = store.totals(&Default::default()).await.unwrap_or_default();
        assert_eq!(totals.iter().map(|it| (it.count, it.net)).collect::<Vec<_>>(), [(1, 1000)]);
        assert_eq!(listed(store, &everything()).await, ["evt_1"]);
        assert_eq!(lossy.record(&delivery, later(9)).await, Ok(vec![Duplicate]));
    }
}

/// The events of the lost batch are duplicates, the additional ones are new.
pub(crate) async fn a_lost_acknowledgement_of_a_batch_is_answered_event_by_event(
    store: &dyn Store,
) {
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Full));
    let lost = lossy.record(&batch(["1", "2"].map(a_gift)), later(0)).await;
    assert_eq!(lost, Err(StoreError::Full));
    let again = lossy.record(&batch(["2", "3", "1"].map(a_gift)), later(0)).await;
    assert_eq!(again, Ok(vec![Duplicate, New(State::Processed), Duplicate]));
    assert_eq!(listed(store, &everything()).await, ["evt_3", "evt_2", "evt_1"]);
    assert_eq!(given_ids(store).await, ["pi_3", "pi_2", "pi_1"]);
}

/// After a failed write the events are new the next time, with all their changes.
pub(crate) async fn a_failed_record_leaves_nothing(store: &dyn Store) {
    let lossy = Lossy::new(store);
    let delivery = batch([a_gift("1"), a_gift_without_currency("2")]);
    lossy.plan(Call::Fails(StoreError::Full));
    assert_eq!(lossy.record(&delivery, later(0)).await, Err(StoreError::Full));
    assert_eq!(listed(store, &everything()).await, [""; 0]);
    assert_eq!((given_ids(store).await.len(), alerts(store).await.len()), (0, 0));
    let due = [State::Processed, State::Dead(DeadReason::FactsMissing)].map(New).to_vec();
    assert_eq!(lossy.record(&delivery, later(0)).await, Ok(due));
    assert_eq!((given_ids(store).await.len(), alerts(store).await.len()), (1, 1));
}
