//! The backlog: events that are dead or await their object.

use portal_domain::{Backlog, Event, IgnoredReason, State, Store};

use crate::fixtures::{DEAD, a_gift};
use crate::samples::record_new;

const UNKNOWN: State = State::Ignored(IgnoredReason::UnknownType);

/// There are no events.
pub(crate) async fn a_fresh_store_has_no_backlog(store: &dyn Store) {
    assert_eq!(store.backlog().await, Ok(Backlog::default()));
}

/// An event that is processed or ignored is no backlog.
pub(crate) async fn each_state_is_counted_in_its_place(store: &dyn Store) {
    let awaiting = State::AwaitingObject { was_dead: false };
    let states = [awaiting, DEAD, State::Processed, DEAD, UNKNOWN, awaiting, DEAD];
    for (n, state) in states.into_iter().enumerate() {
        record_new(store, &[Event { state, ..a_gift(&n.to_string()) }]).await;
    }
    assert_eq!(store.backlog().await, Ok(Backlog { dead: 3, awaiting_object: 2, acknowledged: 0 }));
}

/// The count stops at its limit, beyond which the exact number does not matter.
pub(crate) async fn counting_the_backlog_ends_somewhere(store: &dyn Store) {
    for (name, state) in [("dead", DEAD), ("awaiting", State::AwaitingObject { was_dead: false })] {
        let event = |n| Event { state, ..a_gift(&format!("{name}_{n}")) };
        let events: Vec<_> = (0..Backlog::COUNTED_MAX + 2).map(event).collect();
        // A step of a thousand events may take longer than a store lets it on a loaded machine.
        for step in events.chunks(100) {
            record_new(store, step).await;
        }
    }
    let due = Backlog {
        dead: Backlog::COUNTED_MAX,
        awaiting_object: Backlog::COUNTED_MAX,
        acknowledged: 0,
    };
    assert_eq!(store.backlog().await, Ok(due));
}
