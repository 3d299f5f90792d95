//! How events came in.

use portal_domain::store::{DOCTORS_TYPE, ROLLED_UP_MAX};
use portal_domain::{Event, IgnoredReason, Origin, Past, State, Store};

use crate::fixtures::{a_gift, given, later};
use crate::samples::{record_new, text};
use crate::stripe::BEGIN;

const UNKNOWN: State = State::Ignored(IgnoredReason::UnknownType);

const HOUR: i64 = 3600;

/// Nothing came.
pub async fn a_fresh_store_has_no_past(store: &dyn Store) {
    assert_eq!(store.past(later(0)).await, Ok(Past::default()));
}

/// Every event counts, whatever became of it. The hour in which `since` lies counts as a whole, where
/// anything came in it since then.
pub async fn the_past_is_how_events_came_in(store: &dyn Store) {
    let first = next_hour();
    for (n, second) in [10, 12, 50, 55, 55, HOUR + 70].into_iter().enumerate() {
        let state = if n == 1 { UNKNOWN } else { State::Processed };
        let event = Event { state, ..came(&n.to_string(), first + second) };
        record_new(store, &[event]).await;
    }
    let whole = past(6, first + 10, first + HOUR + 70, HOUR + 15);
    let last = past(1, first + HOUR + 70, first + HOUR + 70, 0);
    for (since, due) in [
        (-HOUR, whole),
        (0, whole),
        (10, whole),
        (55, whole),
        (56, last),
        (HOUR + 70, last),
        (HOUR + 71, Past::default()),
        (2 * HOUR, Past::default()),
    ] {
        assert_eq!(store.past(later(first + since)).await, Ok(due), "{since}");
    }
}

/// What is rolled up stays so.
pub async fn asking_again_counts_nothing_twice(store: &dyn Store) {
    given(store, &["a", "b", "c"]).await;
    let due = Ok(past(3, 0, 2, 1));
    for _ in 0..3 {
        assert_eq!(store.past(later(0)).await, due);
    }
}

/// Whenever it is asked, the answer is the same in the end.
pub async fn what_comes_later_is_added_to_its_hour(store: &dyn Store) {
    let first = next_hour();
    let seconds = [10, 20, 50, 51, 40, HOUR + 1, HOUR + 30];
    for (n, second) in seconds.into_iter().enumerate() {
        record_new(store, &[came(&n.to_string(), first + second)]).await;
        let counted = store.past(later(first)).await.map(|it| it.events);
        assert_eq!(counted, Ok(n as u64 + 1));
    }
    let due = past(7, first + 10, first + HOUR + 30, HOUR - 39);
    assert_eq!(store.past(later(first)).await, Ok(due));
    let due = past(2, first + HOUR + 1, first + HOUR + 30, 29);
    assert_eq!(store.past(later(first + HOUR)).await, Ok(due));
}

/// Whether it was asked in between, or not; what Stripe did not deliver ends no silence.
pub async fn a_silence_ends_in_the_hour_of_the_event_that_ends_it(store: &dyn Store) {
    let first = next_hour();
    record_new(store, &[came("a", first)]).await;
    assert_eq!(store.past(later(first)).await, Ok(past(1, first, first, 0)));
    let fetched = Event { origin: Origin::Reconciled, ..came("b", first + 5 * HOUR) };
    record_new(store, &[fetched]).await;
    assert_eq!(store.past(later(first)).await, Ok(past(1, first, first, 0)));
    record_new(store, &[came("c", first + 30 * HOUR), came("d", first + 34 * HOUR)]).await;
    let due = past(3, first, first + 34 * HOUR, 30 * HOUR);
    assert_eq!(store.past(later(first)).await, Ok(due));
    let due = past(2, first + 30 * HOUR, first + 34 * HOUR, 4 * HOUR);
    assert_eq!(store.past(later(first + 30 * HOUR)).await, Ok(due));
}

/// A portal that was tried out months ago and then lay still is not used to months of silence.
pub async fn a_silence_before_the_first_hour_is_nobodys(store: &dyn Store) {
    let (first, long) = (next_hour(), 2000 * HOUR);
    for (name, second) in [("a", 0), ("b", long), ("c", long + 3), ("d", long + 2 * HOUR)] {
        record_new(store, &[came(name, first + second)]).await;
    }
    let due = past(3, first + long, first + long + 2 * HOUR, 2 * HOUR - 3);
    assert_eq!(store.past(later(first + HOUR)).await, Ok(due));
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
    let first = next_hour() + 2 * HOUR;
    for (n, second) in [100, 70, 40, 40 - HOUR].into_iter().enumerate() {
        record_new(store, &[came(&n.to_string(), first + second)]).await;
    }
    let due = past(4, first + 40 - HOUR, first + 100, 0);
    assert_eq!(store.past(later(first - HOUR)).await, Ok(due));
}

/// They are rolled up one step after another.
pub async fn more_events_than_a_step_takes_are_all_counted(store: &dyn Store) {
    let all = i64::from(ROLLED_UP_MAX) + 10;
    let ignored = |n: i64| Event { state: UNKNOWN, facts: None, ..came(&n.to_string(), n) };
    let events: Vec<_> = (0..all).map(ignored).collect();
    for page in events.chunks(100) {
        record_new(store, page).await;
    }
    assert_eq!(store.past(later(0)).await, Ok(past(all.unsigned_abs(), 0, all - 1, 1)));
}

/// The hour in which it ends is kept.
pub async fn hours_are_forgotten_with_their_events(store: &dyn Store) {
    let first = next_hour();
    for (name, second) in [("a", 0), ("b", HOUR), ("c", 2 * HOUR)] {
        record_new(store, &[came(name, first + second)]).await;
    }
    let events = async |second| store.past(later(second)).await.map(|it| it.events);
    assert_eq!(events(first).await, Ok(3));
    assert_eq!(store.prune(later(first + 2 * HOUR - 1), 10).await, Ok(2));
    assert_eq!(events(first).await, Ok(2));
    assert_eq!(store.prune(later(first + 2 * HOUR), 10).await, Ok(0));
    assert_eq!(events(first).await, Ok(1));
}

/// Where all events are forgotten, a store may begin anew to number them.
pub async fn places_that_are_given_again_are_counted_again(store: &dyn Store) {
    let first = next_hour();
    record_new(store, &[came("a", first), came("b", first + 1)]).await;
    assert_eq!(store.past(later(first)).await, Ok(past(2, first, first + 1, 1)));
    assert_eq!(store.prune(later(first + HOUR), 10).await, Ok(2));
    assert_eq!(store.past(later(first)).await, Ok(Past::default()));
    record_new(store, &[came("c", first + HOUR), came("d", first + HOUR + 2)]).await;
    let due = past(2, first + HOUR, first + HOUR + 2, 2);
    assert_eq!(store.past(later(first)).await, Ok(due));
}

/// The first full hour after the samples of these cases begin, in seconds from there.
fn next_hour() -> i64 {
    HOUR - BEGIN.rem_euclid(HOUR)
}

/// The gift of that name, which came so many seconds after the samples begin.
fn came(name: &str, second: i64) -> Event {
    Event { received_at: later(second), ..a_gift(name) }
}

fn past(events: u64, first: i64, last: i64, longest_gap_seconds: i64) -> Past {
    Past {
        events,
        first_received_at: Some(later(first)),
        last_received_at: Some(later(last)),
        longest_gap_seconds,
    }
}
