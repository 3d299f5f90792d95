//! Deleting old events and alerts.

use portal_domain::{
    Alert, AlertChange, DisputeState, Event, IgnoredReason, State, Store, UnixSeconds,
};

use crate::fixtures::{DEAD, a_failed_payout, a_gift, alerts, donations, given, later};
use crate::samples::{everything, listed, record_new, text};

/// Dead events and those that await their object are kept, and so are new ones.
pub(crate) async fn only_what_is_old_and_processed_or_ignored_is_forgotten(store: &dyn Store) {
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    for (name, state, second) in [
        ("processed", State::Processed, 9),
        ("ignored", ignored, 9),
        ("awaiting", State::AwaitingObject { was_dead: false }, 9),
        ("dead", DEAD, 9),
        ("new", State::Processed, 10),
    ] {
        record_new(store, &[Event { state, received_at: later(second), ..a_gift(name) }]).await;
    }
    assert_eq!(store.prunable(later(9)).await, Ok(0));
    assert_eq!(store.prunable(later(10)).await, Ok(2));
    assert_eq!(listed(store, &everything()).await.len(), 5);
    assert_eq!(store.prune(later(10), 100).await, Ok(2));
    assert_eq!(listed(store, &everything()).await, ["evt_new", "evt_dead", "evt_awaiting"]);
    assert_eq!(store.prunable(later(10)).await, Ok(0));
}

/// A step is bounded so that it is short; the oldest events are deleted first.
pub(crate) async fn no_more_is_forgotten_at_once_than_was_asked_for(store: &dyn Store) {
    given(store, &["a", "b", "c", "d", "e"]).await;
    assert_eq!(store.prune(later(100), 0).await, Ok(0));
    assert_eq!(store.prune(later(100), 2).await, Ok(2));
    assert_eq!(listed(store, &everything()).await, ["evt_e", "evt_d", "evt_c"]);
    assert_eq!(store.prune(later(100), 2).await, Ok(2));
    assert_eq!(store.prune(later(100), 2).await, Ok(1));
    assert_eq!(store.prune(later(100), 2).await, Ok(0));
}

/// Donations are kept, and a repeat of a deleted event adds nothing to them.
pub(crate) async fn the_ledger_outlives_its_events(store: &dyn Store) {
    given(store, &["a", "b"]).await;
    let before = donations(store).await;
    assert_eq!(before.len(), 2);
    assert_eq!(store.prune(later(100), 10).await, Ok(2));
    assert_eq!(donations(store).await, before);
    record_new(store, &[a_gift("a")]).await;
    assert_eq!((donations(store).await, alerts(store).await), (before, vec![]));
}

/// Open alerts are kept; ended ones, and those without an end, are deleted.
pub(crate) async fn alerts_that_ended_are_forgotten(store: &dyn Store) {
    let ended = Alert::EventsNotDelivered { events: 1, oldest_seconds: 400 };
    let goes_on = Alert::Silence { last_received_at: later(0), usual_seconds: 5 };
    let test = Alert::test(UnixSeconds::default());
    let raise = [ended.clone(), goes_on.clone(), test, a_dispute(), a_failed_payout()];
    assert_eq!(store.raise(&raise.map(AlertChange::Raise), later(0)).await, Ok(()));
    assert_eq!(store.raise(&[AlertChange::Resolve(ended.key())], later(5)).await, Ok(()));
    assert_eq!(store.prune(later(5), 10).await, Ok(0));
    assert_eq!(keys(store).await.len(), 4);
    assert_eq!(store.prune(later(6), 10).await, Ok(0));
    assert_eq!(keys(store).await, [a_dispute().key(), a_failed_payout().key(), goes_on.key()]);
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
    let mut keys: Vec<_> = alerts(store).await.into_iter().map(|it| it.key).collect();
    keys.sort();
    keys
}
