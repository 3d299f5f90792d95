//! Thin events: they await their object, and are then processed like any other.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use std::sync::Arc;

use futures::future::join_all;
use portal_domain::alert::EVENT_DEAD;
use portal_domain::{
    AwaitingObject, Backlog, DeadReason, Entry, Event, Facts, FactsKind, IgnoredReason, Payload,
    Reprocess, State, Store, StoreError, Written,
};

use crate::fixtures::{
    BY_OPERATOR, a_gift, alerts, event, given_ids, later, name, one, open, reprocess, state,
};
use crate::lossy::{Call, Lossy};
use crate::samples::{facts, record_new, text};

/// Returns the thin event `evt_…` about the payment `pi_…`.
fn thin(name: &str) -> Event {
    Event {
        payload: Payload::Thin,
        event_type: text("v1.payment_intent.succeeded"),
        api_version: None,
        facts: None,
        state: NEW,
        ..a_gift(name)
    }
}

fn the_payment(name: &str, currency: &str) -> Facts {
    let paid =
        format!(r#""amount_received": 1000, "currency": "{currency}", "status": "succeeded""#);
    facts(FactsKind::PaymentIntent, &format!(r#"{{"id": "pi_{name}", {paid}}}"#))
}

/// Returns the thin event with its payment, fetched at `second`.
fn whole(name: &str, second: i64) -> Event {
    Event {
        object_id: Some(text(&format!("pi_{name}"))),
        facts: Some(the_payment(name, "jpy")),
        fetched_at: Some(later(second)),
        state: State::Processed,
        ..thin(name)
    }
}

fn dead(name: &str) -> Event {
    Event { state: State::Dead(DeadReason::ObjectMissing), ..thin(name) }
}

/// The state of a thin event that was just recorded.
const NEW: State = State::AwaitingObject { was_dead: false };
/// The state of a dead one that is retried.
const RETRIED: State = State::AwaitingObject { was_dead: true };

/// Writes the new state of `event`, which awaited its object.
async fn becomes(store: &dyn Store, event: Event, second: i64) -> Result<Written, StoreError> {
    becomes_from(store, NEW, event, second).await
}

async fn becomes_from(
    store: &dyn Store,
    from: State,
    event: Event,
    second: i64,
) -> Result<Written, StoreError> {
    let step = Reprocess { entry: Entry::decide(event), from };
    let written = store.reprocess(&[step], later(second)).await?;
    Ok(written.into_iter().next().expect("an answer"))
}

async fn postpone(store: &dyn Store, name: &str, until: i64) -> Written {
    let postponed = store.postpone_fetch(&text(&format!("evt_{name}")), later(until)).await;
    postponed.expect("an answer")
}

/// Returns the names of the events whose object is due, with the number of attempts.
async fn due(store: &dyn Store, limit: u32, second: i64) -> Vec<(String, u32)> {
    let awaiting = store.awaiting_object(limit, later(second)).await.expect("what is due");
    awaiting.iter().map(|it| (name(&it.event), it.attempts)).collect()
}

/// Events come in the order of recording; reading them changes nothing.
pub(crate) async fn what_awaits_its_object_is_due_to_be_fetched_at_once(store: &dyn Store) {
    let first = Event { received_at: later(500), ..thin("c") };
    record_new(store, &[first.clone(), a_gift("b"), thin("a"), thin("d")]).await;
    for _ in 0..2 {
        let awaiting = AwaitingObject { event: first.clone(), attempts: 0 };
        assert_eq!(store.awaiting_object(1, later(0)).await, Ok(vec![awaiting]));
        let all = ["c", "a", "d"].map(|it| (it.to_owned(), 0));
        assert_eq!(due(store, 10, 0).await, all);
        assert_eq!(due(store, 2, 0).await, all[..2]);
        assert_eq!(due(store, 0, 0).await, []);
    }
}

/// Attempts are counted, and the event is not due before the given time.
pub(crate) async fn what_could_not_be_fetched_is_due_again_at_its_time(store: &dyn Store) {
    record_new(store, &[thin("a"), thin("b")]).await;
    for (attempts, second) in [(1, 20), (2, 50), (3, 40)] {
        assert_eq!(postpone(store, "a", second).await, Written::Applied);
        assert_eq!(due(store, 10, second - 1).await, [("b".to_owned(), 0)]);
        let both = [("a".to_owned(), attempts), ("b".to_owned(), 0)];
        assert_eq!(due(store, 10, second).await, both);
    }
    assert_eq!(event(store, "a").await, thin("a"));
    assert_eq!(store.backlog().await, Ok(Backlog { awaiting_object: 2, ..Backlog::default() }));
}

/// If another process changed the event, nothing is written.
pub(crate) async fn what_does_not_await_its_object_is_not_postponed(store: &dyn Store) {
    let states = [State::Processed, State::Dead(DeadReason::FactsMissing), BY_OPERATOR];
    for (n, before) in states.into_iter().enumerate() {
        let recorded = Event { state: before, ..thin(&n.to_string()) };
        record_new(store, std::slice::from_ref(&recorded)).await;
        assert_eq!(postpone(store, &n.to_string(), 9).await, Written::Stale, "{before:?}");
        assert_eq!(event(store, &n.to_string()).await, recorded);
    }
    assert_eq!(postpone(store, "x", 9).await, Written::Stale);
    assert_eq!(due(store, 10, 1000).await, []);
}

/// Facts and donation are written in one step.
pub(crate) async fn an_event_with_its_object_attached_is_processed_like_any_other(
    store: &dyn Store,
) {
    record_new(store, &[thin("a")]).await;
    assert_eq!(postpone(store, "a", 20).await, Written::Applied);
    assert_eq!(becomes(store, whole("a", 29), 30).await, Ok(Written::Applied));
    assert_eq!(event(store, "a").await, whole("a", 29));
    assert_eq!(given_ids(store).await, ["pi_a"]);
    assert_eq!(due(store, 10, 1000).await, []);
    assert_eq!(store.backlog().await, Ok(Backlog::default()));
}

/// The event gets the id of the attached object, whatever it named before.
pub(crate) async fn an_attached_object_is_named_by_its_event(store: &dyn Store) {
    for (name, object_id) in [("a", None), ("b", Some(text("pi_other")))] {
        record_new(store, &[Event { object_id, ..thin(name) }]).await;
        assert_eq!(becomes(store, whole(name, 1), 2).await, Ok(Written::Applied));
        assert_eq!(event(store, name).await, whole(name, 1));
    }
}

/// The facts are stored nevertheless.
pub(crate) async fn an_attached_object_that_lacks_a_fact_makes_its_event_dead(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let facts = Some(the_payment("a", ""));
    let lacking = Event { facts, ..whole("a", 1) };
    assert_eq!(becomes(store, lacking.clone(), 2).await, Ok(Written::Applied));
    let state = State::Dead(DeadReason::FactsMissing);
    assert_eq!(event(store, "a").await, Event { state, ..lacking });
    assert_eq!((given_ids(store).await.len(), open(store).await), (0, vec![EVENT_DEAD.into()]));
}

/// An alert is raised.
pub(crate) async fn an_event_whose_object_is_gone_is_dead(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    assert_eq!(becomes(store, dead("a"), 1).await, Ok(Written::Applied));
    assert_eq!(event(store, "a").await, dead("a"));
    let rows = alerts(store).await;
    let raised: Vec<_> = rows.iter().map(|it| (&*it.key, it.open, it.count, it.since)).collect();
    assert_eq!(raised, [(EVENT_DEAD, true, 1, later(1))]);
    assert_eq!(due(store, 10, 1000).await, []);
}

/// No alert is raised, and the event leaves the queue.
pub(crate) async fn an_event_that_needs_no_object_is_ignored(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let twin = State::Ignored(IgnoredReason::SnapshotRecorded);
    let ignored = Event { state: twin, ..thin("a") };
    assert_eq!(becomes(store, ignored, 1).await, Ok(Written::Applied));
    assert_eq!((state(store, "a").await, alerts(store).await), (twin, vec![]));
    assert_eq!(due(store, 10, 1000).await, []);
}

/// Of two processes that attach the object at once, the first one's is stored.
pub(crate) async fn concurrent_attachments_have_one_winner(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let fetched = (1..=10)
        .map(|second| async move { (later(second), becomes(store, whole("a", second), 20).await) });
    let mut won: Vec<_> = join_all(fetched).await;
    assert!(won.iter().all(|(_, written)| written.is_ok()), "{won:?}");
    won.retain(|(_, written)| *written == Ok(Written::Applied));
    let winners: Vec<_> = won.into_iter().map(|(second, _)| Some(second)).collect();
    assert_eq!(winners, [event(store, "a").await.fetched_at]);
    assert_eq!(given_ids(store).await, ["pi_a"]);
}

/// The object is attached; a second attempt finds that the event no longer awaits it.
pub(crate) async fn an_attachment_whose_answer_is_lost_is_done(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    assert_eq!(becomes(&lossy, whole("a", 1), 2).await, Err(StoreError::Busy));
    assert_eq!(becomes(store, whole("a", 3), 4).await, Ok(Written::Stale));
    assert_eq!(event(store, "a").await, whole("a", 1));
    assert_eq!(given_ids(store).await, ["pi_a"]);
}

/// The object is not fetched again.
pub(crate) async fn a_reprocessed_thin_event_keeps_its_object(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    assert_eq!(becomes(store, whole("a", 1), 2).await, Ok(Written::Applied));
    assert_eq!(reprocess(store, &one("a"), later(9)).await, 1);
    assert_eq!(event(store, "a").await, whole("a", 1));
    assert_eq!((given_ids(store).await, due(store, 10, 99).await), (vec!["pi_a".into()], vec![]));
}

/// The count of attempts starts again.
pub(crate) async fn a_reprocessed_thin_event_without_its_object_is_due_at_once(store: &dyn Store) {
    record_new(store, &[thin("dead"), thin("ignored")]).await;
    for name in ["dead", "ignored"] {
        assert_eq!(postpone(store, name, 5000).await, Written::Applied);
    }
    assert_eq!(becomes(store, dead("dead"), 1).await, Ok(Written::Applied));
    assert_eq!(store.ignore(&one("ignored"), later(1)).await, Ok(1));
    for (name, state) in [("dead", RETRIED), ("ignored", NEW)] {
        assert_eq!(reprocess(store, &one(name), later(2)).await, 1);
        assert_eq!(event(store, name).await, Event { state, ..thin(name) });
    }
    let both = ["dead", "ignored"].map(|it| (it.to_owned(), 0));
    assert_eq!(due(store, 10, 2).await, both);
    assert_eq!(given_ids(store).await.len(), 0);
}

/// The outcome of a retry is known when the object is here: no other event's repair ends the alert
/// before that, and an event that is dead again is not a new trouble.
pub(crate) async fn a_retried_event_that_awaits_its_object_keeps_the_alert_open(store: &dyn Store) {
    record_new(store, &[thin("a"), thin("b"), thin("ignored")]).await;
    for name in ["a", "b", "ignored"] {
        assert_eq!(becomes(store, dead(name), 1).await, Ok(Written::Applied));
    }
    for name in ["a", "b", "ignored"] {
        assert_eq!(reprocess(store, &one(name), later(2)).await, 1);
    }
    let is = async || {
        let rows = alerts(store).await;
        rows.iter().map(|it| (it.open, it.count, it.changed_at)).collect::<Vec<_>>()
    };
    assert_eq!(
        (open(store).await, is().await),
        (vec![EVENT_DEAD.into()], vec![(true, 3, later(1))])
    );
    assert_eq!(becomes_from(store, RETRIED, whole("a", 3), 4).await, Ok(Written::Applied));
    assert_eq!(postpone(store, "b", 5).await, Written::Applied);
    assert_eq!(store.ignore(&one("ignored"), later(5)).await, Ok(1));
    assert_eq!(is().await, [(true, 3, later(1))]);
    assert_eq!(becomes_from(store, RETRIED, dead("b"), 6).await, Ok(Written::Applied));
    assert_eq!(is().await, [(true, 3, later(1))]);
    assert_eq!(reprocess(store, &one("b"), later(7)).await, 1);
    assert_eq!(becomes_from(store, RETRIED, whole("b", 8), 9).await, Ok(Written::Applied));
    assert_eq!((open(store).await.len(), is().await), (0, vec![(false, 3, later(9))]));
}

/// Both events have the same object and type; the state of the thin one does not matter.
pub(crate) async fn a_snapshot_event_is_reported_thin_where_a_thin_one_reports_the_same(
    store: &dyn Store,
) {
    let ignored = State::Ignored(IgnoredReason::SnapshotRecorded);
    let refunded = Event { event_type: text("v1.charge.refunded"), ..thin("c") };
    let snapshot = Event { object_id: Some(text("pi_d")), ..a_gift("snapshot") };
    let nameless = Event { object_id: None, ..thin("nameless") };
    let there = [thin("a"), Event { state: ignored, ..thin("b") }, refunded, snapshot, nameless];
    record_new(store, &there).await;
    let told = |name: &str| Event { id: text(&format!("evt_told_{name}")), ..a_gift(name) };
    let asked = [
        told("d"),
        told("a"),
        told("c"),
        Event { event_type: text("charge.refunded"), ..told("c") },
        Event { object_id: None, ..told("a") },
        told("b"),
        told("a"),
    ];
    let due = vec![false, true, false, true, false, true, true];
    assert_eq!(store.has_thin_event(&asked.map(Arc::new)).await, Ok(due));
    assert_eq!(store.has_thin_event(&[]).await, Ok(vec![]));
}

/// The number exceeds the limit of parameters in one statement.
pub(crate) async fn thousands_of_events_are_looked_up_at_once(store: &dyn Store) {
    const EVENTS: usize = 3000;
    let name = |n: usize| n.to_string();
    let even: Vec<_> = (0..EVENTS).step_by(2).map(|n| thin(&name(n))).collect();
    record_new(store, &even).await;
    let asked: Vec<_> = (0..EVENTS).map(|n| Arc::new(a_gift(&name(n)))).collect();
    let due: Vec<_> = (0..EVENTS).map(|n| n % 2 == 0).collect();
    assert_eq!(store.has_thin_event(&asked).await, Ok(due));
}
