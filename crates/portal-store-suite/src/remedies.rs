//! What an operator does about events.

use portal_domain::settle::LEASE;
use portal_domain::{
    DeadReason, Event, EventId, IgnoredReason, Payload, Remedy, Selection, Settled, State, Store,
};

use crate::samples::{record_new, text};
use crate::settled::{
    a_gift, a_gift_without_currency, alerts, claim, claimed, donations, event, given, given_ids,
    later, settle, settle_all, state,
};

const BY_OPERATOR: State = State::Ignored(IgnoredReason::ByOperator);

/// Of every state, what it can take and what it becomes.
const STATES: [(State, Option<State>, Option<State>); 7] = [
    (State::Pending, Some(State::Pending), Some(BY_OPERATOR)),
    (State::Waiting, None, Some(BY_OPERATOR)),
    (State::Done, Some(State::Pending), None),
    (State::Dead(DeadReason::FactsMissing), Some(State::Pending), Some(BY_OPERATOR)),
    (BY_OPERATOR, Some(State::Pending), None),
    (State::Ignored(IgnoredReason::UnknownType), None, None),
    (State::Ignored(IgnoredReason::ConnectedAccount), None, None),
];

fn one(name: &str) -> Selection {
    Selection { ids: vec![text(&format!("evt_{name}"))], ..Selection::default() }
}

/// Not what is settled, not what waits, and not what the portal has no use for.
pub async fn each_state_takes_the_remedies_that_it_can(store: &dyn Store) {
    for (n, (before, retried, ignored)) in STATES.into_iter().enumerate() {
        for (remedy, after) in [(Remedy::Retry, retried), (Remedy::Ignore, ignored)] {
            let name = format!("{n}_{}", after.is_some())
                + if remedy == Remedy::Retry { "r" } else { "i" };
            record_new(store, &[Event { state: before, ..a_gift(&name) }]).await;
            let changed = Ok(u64::from(after.is_some()));
            assert_eq!(store.eligible(remedy, &one(&name)).await, changed, "{before:?}");
            assert_eq!(state(store, &name).await, before);
            assert_eq!(store.apply(remedy, &one(&name), later(9)).await, changed, "{before:?}");
            assert_eq!(state(store, &name).await, after.unwrap_or(before));
        }
    }
}

/// Whatever it waited for before.
pub async fn a_retried_event_is_due_now_with_all_attempts_ahead(store: &dyn Store) {
    given(store, &["a"]).await;
    let held = claim(store, 1, later(0)).await;
    assert_eq!(held.len(), 1);
    assert_eq!(store.apply(Remedy::Retry, &one("a"), later(7)).await, Ok(1));
    assert_eq!(event(store, "a").await.attempts, 0);
    assert_eq!(claimed(store, 10, later(6)).await, [""; 0]);
    let next = claim(store, 10, later(7)).await;
    assert_eq!(next.iter().map(|it| it.event.attempts).collect::<Vec<_>>(), [1]);
}

/// What was decided before the operator's word does not count after it.
pub async fn a_retry_takes_the_event_from_whoever_has_it(store: &dyn Store) {
    given(store, &["a"]).await;
    let held = claim(store, 1, later(0)).await;
    assert_eq!(store.apply(Remedy::Retry, &one("a"), later(1)).await, Ok(1));
    assert_eq!(settle(store, &held, later(2)).await, [Settled::Stale]);
    assert_eq!(state(store, "a").await, State::Pending);
    assert_eq!(settle_all(store, later(2)).await.len(), 1);
}

/// As long as one of them is dead, the trouble is there.
pub async fn with_the_last_dead_event_the_trouble_ends(store: &dyn Store) {
    for name in ["a", "b"] {
        record_new(store, &[a_gift_without_currency(name)]).await;
    }
    assert_eq!(settle_all(store, later(5)).await.len(), 2);
    for (name, open) in [("a", true), ("b", false)] {
        assert_eq!(store.apply(Remedy::Ignore, &one(name), later(9)).await, Ok(1));
        let alerts = store.alerts(10).await.unwrap_or_default();
        assert_eq!(alerts.iter().map(|it| it.open).collect::<Vec<_>>(), [open]);
    }
}

/// It still only names its object.
pub async fn a_retried_thin_event_waits_for_its_object_again(store: &dyn Store) {
    let thin = Event { payload: Payload::Thin, facts: None, state: State::Waiting, ..a_gift("a") };
    record_new(store, &[thin]).await;
    assert_eq!(store.apply(Remedy::Ignore, &one("a"), later(1)).await, Ok(1));
    assert_eq!(store.apply(Remedy::Retry, &one("a"), later(2)).await, Ok(1));
    assert_eq!(state(store, "a").await, State::Waiting);
    assert_eq!(claimed(store, 10, later(1000)).await, [""; 0]);
}

/// Whoever has it comes too late.
pub async fn an_ignored_event_has_no_effect(store: &dyn Store) {
    given(store, &["a"]).await;
    let held = claim(store, 1, later(0)).await;
    assert_eq!(store.apply(Remedy::Ignore, &one("a"), later(1)).await, Ok(1));
    assert_eq!(settle(store, &held, later(2)).await, [Settled::Stale]);
    assert_eq!(claimed(store, 10, later(2).after(LEASE)).await, [""; 0]);
    assert_eq!((state(store, "a").await, given_ids(store).await.len()), (BY_OPERATOR, 0));
}

/// The ledger has it already.
pub async fn settling_again_what_was_settled_changes_nothing(store: &dyn Store) {
    given(store, &["a", "b"]).await;
    assert_eq!(settle_all(store, later(5)).await.len(), 2);
    let before = donations(store).await;
    assert_eq!(store.apply(Remedy::Retry, &Selection::default(), later(6)).await, Ok(2));
    assert_eq!(settle_all(store, later(6)).await.len(), 2);
    assert_eq!((donations(store).await, alerts(store).await), (before, 0));
    assert_eq!(state(store, "a").await, State::Done);
}

/// Each condition narrows what the others let through; none is everything.
pub async fn a_selection_is_what_fits_all_of_it(store: &dyn Store) {
    given(store, &["a", "b", "c", "d"]).await;
    record_new(store, &[Event { state: State::Done, received_at: later(2), ..a_gift("e") }]).await;
    let ids = |names: &[&str]| names.iter().map(|it| text(&format!("evt_{it}"))).collect();
    let pending = Some(State::Pending.name());
    let all = Selection::default();
    let some = Selection { ids: ids(&["a", "c", "x"]), ..all.clone() };
    let since = Selection { since: Some(later(1)), ..all.clone() };
    let until = Selection { until: Some(later(2)), ..all.clone() };
    for (which, fit) in [
        (all.clone(), 5),
        (Selection { state: pending, ..all.clone() }, 4),
        (Selection { state: Some("dead"), ..all.clone() }, 0),
        (some.clone(), 2),
        (Selection { since: Some(later(1)), ..some }, 1),
        (since.clone(), 4),
        (Selection { state: pending, ..since.clone() }, 3),
        (until, 2),
        (Selection { until: Some(later(3)), state: pending, ..since }, 2),
        (Selection { ids: ids(&["x"]), ..all }, 0),
    ] {
        assert_eq!(store.eligible(Remedy::Retry, &which).await, Ok(fit), "{which:?}");
        assert_eq!(store.apply(Remedy::Retry, &which, later(9)).await, Ok(fit), "{which:?}");
        let done = Selection { ids: ids(&["e"]), state: pending, ..Selection::default() };
        // As it was before, so that the next selection meets the same events.
        if store.eligible(Remedy::Retry, &done).await == Ok(1) {
            let held = claim(store, 100, later(10)).await;
            let held: Vec<_> = held.into_iter().filter(|it| it.event.id == text("evt_e")).collect();
            assert_eq!(settle(store, &held, later(10)).await, [Settled::Applied]);
        }
    }
}

/// More ids than a database takes parameters in one statement.
pub async fn thousands_of_events_are_ignored_by_their_ids(store: &dyn Store) {
    const IDS: usize = 5000;
    let events: Vec<_> = (0..IDS).map(|n| crate::an_event(&format!("evt_{n}"))).collect();
    record_new(store, &events).await;
    let ids: Vec<EventId> = events.into_iter().skip(1).map(|it| it.id).collect();
    let which = Selection { ids, ..Selection::default() };
    assert_eq!(store.apply(Remedy::Ignore, &which, later(0)).await, Ok(IDS as u64 - 1));
    assert_eq!(state(store, "0").await, State::Pending);
}
