//! Events that the ledger lacks, and how events came in.

use portal_domain::store::DOCTORS_TYPE;
use portal_domain::{Backlog, Event, IgnoredReason, Origin, Past, State, Store};

use crate::fixtures::{DEAD, a_gift, given, later};
use crate::samples::{record_new, text};

const UNKNOWN: State = State::Ignored(IgnoredReason::UnknownType);

/// Nothing is lacking.
pub async fn a_fresh_store_has_no_backlog(store: &dyn Store) {
    assert_eq!(store.backlog().await, Ok(Backlog::default()));
}

/// An event that is processed or ignored is no backlog.
pub async fn each_state_is_counted_in_its_place(store: &dyn Store) {
    let awaiting = State::AwaitingObject;
    let states = [awaiting, DEAD, State::Processed, DEAD, UNKNOWN, awaiting, DEAD];
    for (n, state) in states.into_iter().enumerate() {
        record_new(store, &[Event { state, ..a_gift(&n.to_string()) }]).await;
    }
    assert_eq!(store.backlog().await, Ok(Backlog { dead: 3, awaiting_object: 2 }));
}

/// So many are too many, however many they are.
pub async fn counting_the_backlog_ends_somewhere(store: &dyn Store) {
    for (name, state) in [("dead", DEAD), ("awaiting", State::AwaitingObject)] {
        let event = |n| Event { state, ..a_gift(&format!("{name}_{n}")) };
        let events: Vec<_> = (0..Backlog::COUNTED_MAX + 2).map(event).collect();
        record_new(store, &events).await;
    }
    let due = Backlog { dead: Backlog::COUNTED_MAX, awaiting_object: Backlog::COUNTED_MAX };
    assert_eq!(store.backlog().await, Ok(due));
}

/// Nothing came.
pub async fn a_fresh_store_has_no_past(store: &dyn Store) {
    assert_eq!(store.past(later(0)).await, Ok(Past::default()));
}

/// Every event counts, whatever became of it.
pub async fn the_past_is_how_events_came_in(store: &dyn Store) {
    for (n, second) in [10, 12, 50, 55, 55].into_iter().enumerate() {
        let state = if n == 1 { UNKNOWN } else { State::Processed };
        let event = Event { state, received_at: later(second), ..a_gift(&n.to_string()) };
        record_new(store, &[event]).await;
    }
    let whole = Past {
        events: 5,
        first_received_at: Some(later(10)),
        last_received_at: Some(later(55)),
        longest_gap_seconds: 38,
    };
    assert_eq!(store.past(later(0)).await, Ok(whole));
    assert_eq!(store.past(later(10)).await, Ok(whole));
    // The gap before the first one that is looked at is nobody's.
    let recent =
        Past { events: 3, first_received_at: Some(later(50)), longest_gap_seconds: 5, ..whole };
    assert_eq!(store.past(later(13)).await, Ok(recent));
    assert_eq!(store.past(later(56)).await, Ok(Past::default()));
}

/// Neither what was fetched nor what was sent to oneself shows that Stripe delivers.
pub async fn the_past_is_of_what_stripe_delivered(store: &dyn Store) {
    let fetched = Event { origin: Origin::Reconciled, ..a_gift("a") };
    let own = Event { event_type: text(DOCTORS_TYPE), ..a_gift("b") };
    record_new(store, &[fetched, own]).await;
    assert_eq!(store.past(later(0)).await, Ok(Past::default()));
}

/// One event alone shows no gap.
pub async fn the_first_event_of_a_past_follows_nothing(store: &dyn Store) {
    given(store, &["a"]).await;
    let seen = store.past(later(0)).await.map(|it| (it.events, it.longest_gap_seconds));
    assert_eq!(seen, Ok((1, 0)));
}

/// Two machines' clocks differ, and one may be set back: no time is shorter than nothing.
pub async fn a_clock_that_was_set_back_leaves_no_gap(store: &dyn Store) {
    for (n, second) in [100, 70, 40].into_iter().enumerate() {
        let event = Event { received_at: later(second), ..a_gift(&n.to_string()) };
        record_new(store, &[event]).await;
    }
    let due = Past {
        events: 3,
        first_received_at: Some(later(40)),
        last_received_at: Some(later(100)),
        longest_gap_seconds: 0,
    };
    assert_eq!(store.past(later(0)).await, Ok(due));
}
