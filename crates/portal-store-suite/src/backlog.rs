//! What is not settled, and how events came in.

use portal_domain::settle::LEASE;
use portal_domain::store::DOCTORS_TYPE;
use portal_domain::{
    Backlog, DeadReason, Event, IgnoredReason, Origin, Past, Remedy, Selection, State, Store,
};

use crate::samples::{record_new, text};
use crate::settled::{a_gift, claim, given, later, settle_all};

/// Nothing waits.
pub async fn a_fresh_store_has_no_backlog(store: &dyn Store) {
    assert_eq!(store.backlog(later(1000)).await, Ok(Backlog::default()));
}

/// What is settled or ignored is no backlog.
pub async fn each_state_is_counted_in_its_place(store: &dyn Store) {
    let dead = State::Dead(DeadReason::FactsMissing);
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    let states = [State::Pending, State::Waiting, State::Waiting, dead, dead, dead, State::Done];
    for (n, state) in states.into_iter().chain([ignored]).enumerate() {
        record_new(store, &[Event { state, ..a_gift(&n.to_string()) }]).await;
    }
    let due = Backlog { pending: 1, overdue_seconds: 0, dead: 3, waiting: 2 };
    assert_eq!(store.backlog(later(0)).await, Ok(due));
}

/// Counted from when the first was due, and never below nothing.
pub async fn the_backlog_is_as_old_as_what_was_due_first(store: &dyn Store) {
    given(store, &["a", "b"]).await;
    for (now, overdue) in [(-5, 0), (0, 0), (1, 1), (90, 90)] {
        let seen = store.backlog(later(now)).await.map(|it| (it.pending, it.overdue_seconds));
        assert_eq!(seen, Ok((2, overdue)), "{now}");
    }
}

/// Somebody is at it; if nobody is, its lease runs out.
pub async fn a_claimed_event_is_due_at_its_lease_s_end(store: &dyn Store) {
    given(store, &["a"]).await;
    assert_eq!(claim(store, 1, later(100)).await.len(), 1);
    let end = 100 + LEASE.as_secs();
    for (now, overdue) in [(100, 0), (end, 0), (end + 7, 7)] {
        let seen = store.backlog(later(now)).await.map(|it| (it.pending, it.overdue_seconds));
        assert_eq!(seen, Ok((1, overdue)), "{now}");
    }
}

/// An event that is settled again after days is not days overdue.
pub async fn a_retried_event_is_overdue_since_the_retry(store: &dyn Store) {
    given(store, &["a"]).await;
    assert_eq!(settle_all(store, later(0)).await.len(), 1);
    assert_eq!(store.backlog(later(1000)).await, Ok(Backlog::default()));
    assert_eq!(store.apply(Remedy::Retry, &Selection::default(), later(1000)).await, Ok(1));
    let due = Backlog { pending: 1, overdue_seconds: 3, ..Backlog::default() };
    assert_eq!(store.backlog(later(1003)).await, Ok(due));
}

/// Nothing came.
pub async fn a_fresh_store_has_no_past(store: &dyn Store) {
    assert_eq!(store.past(later(0)).await, Ok(Past::default()));
}

/// Every event counts, whatever became of it.
pub async fn the_past_is_how_events_came_in(store: &dyn Store) {
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    for (n, second) in [10, 12, 50, 55, 55].into_iter().enumerate() {
        let state = if n == 1 { ignored } else { State::Pending };
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
