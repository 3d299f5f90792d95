//! Operators' selections of events, and the actions that apply to each state.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use portal_domain::OperatorAction::{Ignore, Reprocess};
use portal_domain::{
    DeadReason, Event, EventId, IgnoredReason, OperatorAction, Origin, Selection, State, Store,
};

use crate::fixtures::{
    BY_OPERATOR, DEAD, a_dead_gift, a_gift, all_states, later, name, one, state,
};
use crate::samples::{listed, record_new, text, those};

/// Returns the names of the selected events to which `action` applies.
async fn names(store: &dyn Store, action: OperatorAction, which: &Selection) -> Vec<String> {
    let events = store.events_for(action, which, None, u32::MAX).await.expect("events");
    assert_eq!(store.count_for(action, which).await, Ok(events.len() as u64));
    events.iter().map(name).collect()
}

/// Unused types have no action; events that await their object are decided when it is fetched.
pub(crate) async fn each_state_takes_the_actions_that_it_can(store: &dyn Store) {
    for (n, before) in all_states().enumerate() {
        let name = n.to_string();
        record_new(store, &[Event { state: before, ..a_gift(&name) }]).await;
        let (again, ignored) = match before {
            State::Processed | BY_OPERATOR => (true, false),
            State::AwaitingObject { .. } => (false, true),
            State::Dead(_) => (true, true),
            State::Ignored(_) => (false, false),
        };
        for (action, can) in [(Reprocess, again), (Ignore, ignored)] {
            let due = if can { vec![name.clone()] } else { vec![] };
            assert_eq!(names(store, action, &one(&name)).await, due, "{before:?} {action:?}");
        }
        assert_eq!(state(store, &name).await, before);
        assert_eq!(store.ignore(&one(&name), later(9)).await, Ok(ignored.into()), "{before:?}");
        let after = if ignored { BY_OPERATOR } else { before };
        assert_eq!(state(store, &name).await, after);
    }
}

/// All conditions must match; a selection without conditions is everything.
pub(crate) async fn a_selection_is_what_fits_all_of_it(store: &dyn Store) {
    for (second, name) in (0..).zip(["a", "b", "c", "d"]) {
        record_new(store, &[Event { received_at: later(second), ..a_dead_gift(name) }]).await;
    }
    let awaiting = Event { state: State::AwaitingObject { was_dead: false }, ..a_gift("e") };
    record_new(store, &[Event { received_at: later(2), ..awaiting }]).await;
    let ids = |names: &[&str]| names.iter().map(|it| text(&format!("evt_{it}"))).collect();
    let dead = Some(DEAD.name());
    let all = Selection::default();
    let some = Selection { ids: ids(&["c", "a", "x", "a"]), ..all.clone() };
    let since = Selection { since: Some(later(1)), ..all.clone() };
    let until = Selection { until: Some(later(2)), ..all.clone() };
    let all_of_it = Selection { until: Some(later(3)), state: dead, ..since.clone() };
    for (which, due) in [
        (all.clone(), vec!["a", "b", "c", "d", "e"]),
        (Selection { state: dead, ..all.clone() }, vec!["a", "b", "c", "d"]),
        (Selection { state: Some("processed"), ..all.clone() }, vec![]),
        (some.clone(), vec!["a", "c"]),
        (Selection { since: Some(later(1)), ..some }, vec!["c"]),
        (since.clone(), vec!["b", "c", "d", "e"]),
        (Selection { state: dead, ..since }, vec!["b", "c", "d"]),
        (until, vec!["a", "b"]),
        (all_of_it.clone(), vec!["b", "c"]),
        (Selection { ids: ids(&["x"]), ..all.clone() }, vec![]),
    ] {
        assert_eq!(names(store, Ignore, &which).await, due, "{which:?}");
    }
    assert_eq!(store.ignore(&all_of_it, later(9)).await, Ok(2));
    assert_eq!(names(store, Ignore, &all).await, ["a", "d", "e"]);
}

/// The events of an action are those of the list with the same conditions that can take it.
pub(crate) async fn a_selection_for_an_action_is_that_of_the_list(store: &dyn Store) {
    let reconciled = Event { origin: Origin::Reconciled, ..a_dead_gift("b") };
    let live = Event { livemode: true, ..a_dead_gift("c") };
    let failed = State::Dead(DeadReason::LedgerFailed);
    let of_type = Event { event_type: text("charge.failed"), state: failed, ..a_gift("d") };
    record_new(store, &[a_dead_gift("a"), reconciled, live, of_type]).await;
    let all = Selection::default;
    for (which, due) in [
        (Selection { origin: Some(Origin::Reconciled), ..all() }, vec!["b"]),
        (Selection { livemode: Some(true), ..all() }, vec!["a", "b", "c", "d"]),
        (Selection { livemode: Some(false), ..all() }, vec![]),
        (Selection { event_type: Some(text("charge.failed")), ..all() }, vec!["d"]),
        (Selection { reason: failed.reason(), ..all() }, vec!["d"]),
        (Selection { object: Some(text("pi_c")), ..all() }, vec!["c"]),
        (Selection { from: Some(text("evt_c")), ..all() }, vec!["c", "d"]),
        (Selection { from: Some(text("evt_x")), ..all() }, vec![]),
    ] {
        assert_eq!(names(store, Ignore, &which).await, due, "{which:?}");
        let listed = listed(store, &those(which.clone())).await;
        let listed: Vec<_> = listed.iter().rev().map(|it| it.trim_start_matches("evt_")).collect();
        assert_eq!(listed, due, "{which:?}");
    }
    let one = Selection { object: Some(text("pi_c")), ..all() };
    assert_eq!(store.ignore(&one, later(9)).await, Ok(1));
    let from = Selection { from: Some(text("evt_b")), ..all() };
    assert_eq!(store.ignore(&from, later(9)).await, Ok(2));
    assert_eq!(names(store, Ignore, &all()).await, ["a"]);
}

/// The operator has seen another number, and sees the present one before anything happens.
pub(crate) async fn another_number_than_expected_is_told_and_nothing_is_ignored(store: &dyn Store) {
    record_new(store, &["a", "b", "c"].map(a_dead_gift)).await;
    let all = Selection::default();
    let seen = |number| Selection { expected: Some(number), ..Selection::default() };
    for expected in [0, 2, 4, u64::MAX] {
        assert_eq!(store.ignore(&seen(expected), later(9)).await, Ok(3), "{expected}");
        assert_eq!(names(store, Ignore, &all).await, ["a", "b", "c"], "{expected}");
    }
    assert_eq!(store.ignore(&seen(3), later(9)).await, Ok(3));
    assert_eq!(names(store, Ignore, &all).await, [""; 0]);
    assert_eq!(store.ignore(&seen(0), later(9)).await, Ok(0));
}

/// Every event is on one page, in the order of recording; a page may begin after any event.
pub(crate) async fn pages_of_events_have_no_gap_and_no_overlap(store: &dyn Store) {
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    let event = |n: i64| {
        let state = if n % 3 == 0 { ignored } else { DEAD };
        // The order of recording is neither that of ids nor that of times.
        let name = (n * 7 % 23).to_string();
        Event { state, received_at: later(n * 5 % 23), ..a_gift(&name) }
    };
    let events: Vec<_> = (0..23).map(event).collect();
    record_new(store, &events).await;
    let due: Vec<_> = events.iter().filter(|it| it.state == DEAD).cloned().collect();
    let all = Selection::default();
    for limit in [1, 2, 5, 14, 15, 16] {
        let mut paged: Vec<Event> = vec![];
        // The loop allows one more page, which is empty.
        for _ in 0..=due.len() {
            let after = paged.last().map(|it| it.id.clone());
            let page = store.events_for(Reprocess, &all, after.as_ref(), limit).await;
            paged.extend(page.expect("a page"));
        }
        assert_eq!(paged, due, "{limit}");
    }
    for (n, it) in events.iter().enumerate() {
        let after =
            store.events_for(Reprocess, &all, Some(&it.id), u32::MAX).await.expect("a page");
        let due: Vec<_> = events.iter().skip(n + 1).filter(|it| it.state == DEAD).collect();
        assert_eq!(after.iter().collect::<Vec<_>>(), due);
    }
    assert_eq!(store.events_for(Reprocess, &all, None, 0).await, Ok(vec![]));
}

/// The number exceeds the limit of parameters in one statement.
pub(crate) async fn thousands_of_events_are_ignored_by_their_ids(store: &dyn Store) {
    const IDS: usize = 5000;
    let awaiting = |n| Event {
        state: State::AwaitingObject { was_dead: false },
        ..crate::an_event(&format!("evt_{n}"))
    };
    let events: Vec<_> = (0..IDS).map(awaiting).collect();
    record_new(store, &events).await;
    let ids: Vec<EventId> = events.into_iter().skip(1).map(|it| it.id).collect();
    let which = Selection { ids, ..Selection::default() };
    assert_eq!(store.count_for(Ignore, &which).await, Ok(IDS as u64 - 1));
    assert_eq!(store.ignore(&which, later(0)).await, Ok(IDS as u64 - 1));
    assert_eq!(state(store, "0").await, State::AwaitingObject { was_dead: false });
}
