//! Forgetting what is old and done with.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::{
    Alert, AlertChange, DeadReason, DisputeState, Event, IgnoredReason, State, Store,
};

use crate::samples::{everything, listed, record_new, text};
use crate::settled::{a_gift, alerts, claim, donations, given, later, settle_all};

/// What is not settled is kept for as long as it takes, and what is new is kept as well.
pub async fn only_what_is_old_and_settled_or_ignored_is_forgotten(store: &dyn Store) {
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    let dead = State::Dead(DeadReason::FactsMissing);
    for (name, state, second) in [
        ("done", State::Pending, 9),
        ("ignored", ignored, 9),
        ("waiting", State::Waiting, 9),
        ("dead", dead, 9),
        ("new", State::Pending, 10),
    ] {
        record_new(store, &[Event { state, received_at: later(second), ..a_gift(name) }]).await;
    }
    assert_eq!(settle_all(store, later(10)).await.len(), 2);
    record_new(store, &[Event { received_at: later(9), ..a_gift("pending") }]).await;
    assert_eq!(store.prunable(later(9)).await, Ok(0));
    assert_eq!(store.prunable(later(10)).await, Ok(2));
    assert_eq!(listed(store, &everything()).await.len(), 6);
    assert_eq!(store.prune(later(10), 100).await, Ok(2));
    let left = ["evt_pending", "evt_new", "evt_dead", "evt_waiting"];
    assert_eq!(listed(store, &everything()).await, left);
    assert_eq!(store.prunable(later(10)).await, Ok(0));
}

/// A step is bounded, so that nobody waits for it; the oldest go first.
pub async fn no_more_is_forgotten_at_once_than_was_asked_for(store: &dyn Store) {
    given(store, &["a", "b", "c", "d", "e"]).await;
    assert_eq!(settle_all(store, later(9)).await.len(), 5);
    assert_eq!(store.prune(later(100), 0).await, Ok(0));
    assert_eq!(store.prune(later(100), 2).await, Ok(2));
    assert_eq!(listed(store, &everything()).await, ["evt_e", "evt_d", "evt_c"]);
    assert_eq!(store.prune(later(100), 2).await, Ok(2));
    assert_eq!(store.prune(later(100), 2).await, Ok(1));
    assert_eq!(store.prune(later(100), 2).await, Ok(0));
}

/// A claimed event is not settled yet, however old.
pub async fn what_is_claimed_is_not_forgotten(store: &dyn Store) {
    given(store, &["a"]).await;
    assert_eq!(claim(store, 1, later(0)).await.len(), 1);
    assert_eq!(store.prune(later(1_000_000), 10).await, Ok(0));
}

/// Events are forgotten, donations are not; and an event that comes once more adds nothing.
pub async fn the_ledger_outlives_its_events(store: &dyn Store) {
    given(store, &["a", "b"]).await;
    assert_eq!(settle_all(store, later(9)).await.len(), 2);
    let before = donations(store).await;
    assert_eq!(before.len(), 2);
    assert_eq!(store.prune(later(100), 10).await, Ok(2));
    assert_eq!(donations(store).await, before);
    record_new(store, &[a_gift("a")]).await;
    assert_eq!(settle_all(store, later(200)).await.len(), 1);
    assert_eq!((donations(store).await, alerts(store).await), (before, 0));
}

/// What has ended, and what only happened, is forgotten; a trouble is kept while it is there.
pub async fn alerts_that_ended_are_forgotten(store: &dyn Store) {
    let ended = Alert::BacklogOld { waiting: 1, overdue_seconds: 400 };
    let goes_on = Alert::Silence { last_received_at: later(0), usual_seconds: 5 };
    let raise = [ended.clone(), goes_on.clone(), Alert::Test, a_dispute()].map(AlertChange::Raise);
    assert_eq!(store.raise(&raise, later(0)).await, Ok(()));
    assert_eq!(store.raise(&[AlertChange::Resolve(ended.key())], later(5)).await, Ok(()));
    assert_eq!(store.prune(later(5), 10).await, Ok(0));
    assert_eq!(keys(store).await.len(), 3);
    assert_eq!(store.prune(later(6), 10).await, Ok(0));
    assert_eq!(keys(store).await, [a_dispute().key(), goes_on.key()]);
}

fn a_dispute() -> Alert {
    Alert::Dispute {
        dispute: text("du_1"),
        payment: text("pi_1"),
        state: DisputeState::Open,
        amount: 1000,
        currency: text("jpy"),
        livemode: true,
    }
}

async fn keys(store: &dyn Store) -> Vec<String> {
    let rows = store.alerts(100).await.expect("alerts");
    let mut keys: Vec<_> = rows.into_iter().map(|it| it.key).collect();
    keys.sort();
    keys
}
