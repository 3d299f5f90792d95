//! Events that only name their object: they wait for it, and are then settled like any other.

#![expect(clippy::expect_used, reason = "a store that fails fails the case")]

use futures::future::join_all;
use portal_domain::{
    Alert, Backlog, DeadReason, Event, Facts, FactsKind, IgnoredReason, Payload, Remedy, Selection,
    Settled, State, Store, StoreError, Supplied,
};

use crate::lossy::{Call, Lossy};
use crate::samples::{batch, facts, record_new, text};
use crate::settled::{a_gift, alerts, claim, claimed, event, given_ids, later, settle_all, state};

/// The event `evt_…`, which only names the payment `pi_…`.
fn thin(name: &str) -> Event {
    Event {
        payload: Payload::Thin,
        event_type: text("v1.payment_intent.succeeded"),
        api_version: None,
        facts: None,
        state: State::Waiting,
        ..a_gift(name)
    }
}

fn the_payment(name: &str) -> Facts {
    let paid = r#""amount_received": 1000, "currency": "jpy", "status": "succeeded""#;
    facts(FactsKind::PaymentIntent, &format!(r#"{{"id": "pi_{name}", {paid}}}"#))
}

/// The payment `pi_…`, which Stripe showed at that second.
fn object(name: &str, second: i64) -> Supplied {
    Supplied::Object { facts: the_payment(name), at: later(second) }
}

fn dead(name: &str) -> Supplied {
    let reason = DeadReason::ObjectMissing;
    let Event { id, event_type, .. } = thin(name);
    Supplied::Dead { reason, alert: Alert::EventDead { event: id, event_type, reason } }
}

fn one(name: &str) -> Selection {
    Selection { ids: vec![text(&format!("evt_{name}"))], ..Selection::default() }
}

async fn supply(store: &dyn Store, name: &str, supplied: &Supplied, second: i64) -> Settled {
    let supplied = store.supply(&text(&format!("evt_{name}")), supplied, later(second)).await;
    supplied.expect("an answer")
}

/// The names of what is due to be fetched, and how often that was tried.
async fn waiting(store: &dyn Store, limit: u32, second: i64) -> Vec<(String, u32)> {
    let waiting = store.waiting(limit, later(second)).await.expect("what waits");
    waiting.iter().map(|it| (crate::settled::name(it), it.attempts)).collect()
}

/// The first recorded first, and nothing else; to ask changes nothing.
pub async fn what_waits_is_due_to_be_fetched_at_once(store: &dyn Store) {
    let first = Event { received_at: later(500), ..thin("c") };
    record_new(store, &[first.clone(), a_gift("b"), thin("a"), thin("d")]).await;
    for _ in 0..2 {
        assert_eq!(store.waiting(1, later(0)).await, Ok(vec![first.clone()]));
        let all = ["c", "a", "d"].map(|it| (it.to_owned(), 0));
        assert_eq!(waiting(store, 10, 0).await, all);
        assert_eq!(waiting(store, 2, 0).await, all[..2]);
        assert_eq!(waiting(store, 0, 0).await, []);
    }
}

/// The tries are counted, and it is not due before its time.
pub async fn what_could_not_be_fetched_waits_until_its_time(store: &dyn Store) {
    record_new(store, &[thin("a"), thin("b")]).await;
    for (attempts, second) in [(1, 20), (2, 50), (3, 40)] {
        let later = Supplied::Later { at: later(second) };
        assert_eq!(supply(store, "a", &later, 0).await, Settled::Applied);
        assert_eq!(waiting(store, 10, second - 1).await, [("b".to_owned(), 0)]);
        let both = [("a".to_owned(), attempts), ("b".to_owned(), 0)];
        assert_eq!(waiting(store, 10, second).await, both);
    }
    let waits = Backlog { waiting: 2, ..Backlog::default() };
    assert_eq!(store.backlog(later(60)).await, Ok(waits));
}

/// What the object says is kept, and is due to be settled from then on.
pub async fn a_supplied_event_is_settled_like_any_other(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let put_off = Supplied::Later { at: later(20) };
    assert_eq!(supply(store, "a", &put_off, 0).await, Settled::Applied);
    assert_eq!(supply(store, "a", &object("a", 29), 30).await, Settled::Applied);
    let whole = Event {
        facts: Some(the_payment("a")),
        fetched_at: Some(later(29)),
        state: State::Pending,
        ..thin("a")
    };
    assert_eq!(event(store, "a").await, whole);
    assert_eq!(waiting(store, 10, 1000).await, []);
    let due = Backlog { pending: 1, overdue_seconds: 3, ..Backlog::default() };
    assert_eq!(store.backlog(later(33)).await, Ok(due));
    assert_eq!(claimed(store, 10, later(29)).await, [""; 0]);
    assert_eq!(settle_all(store, later(30)).await.len(), 1);
    assert_eq!(
        (state(store, "a").await, given_ids(store).await),
        (State::Done, vec!["pi_a".into()])
    );
}

/// An event that could not name its object has the one that came.
pub async fn a_supplied_event_names_its_object(store: &dyn Store) {
    record_new(store, &[Event { object_id: None, ..thin("a") }]).await;
    assert_eq!(supply(store, "a", &object("a", 1), 2).await, Settled::Applied);
    assert_eq!(event(store, "a").await.object_id, Some(text("pi_a")));
}

/// There is nothing to settle, and an operator is told.
pub async fn an_event_whose_object_is_gone_is_dead(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    assert_eq!(supply(store, "a", &dead("a"), 1).await, Settled::Applied);
    let dead = Event { state: State::Dead(DeadReason::ObjectMissing), ..thin("a") };
    assert_eq!(event(store, "a").await, dead);
    let raised = store.alerts(10).await.unwrap_or_default();
    let raised: Vec<_> = raised.iter().map(|it| (&*it.key, it.open, it.count, it.since)).collect();
    assert_eq!(raised, [("event_dead", true, 1, later(1))]);
    assert_eq!(waiting(store, 10, 1000).await, []);
}

/// Nobody is told, and it waits no more.
pub async fn an_event_that_needs_no_object_is_ignored(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let twin = IgnoredReason::SnapshotRecorded;
    assert_eq!(supply(store, "a", &Supplied::Ignored(twin), 1).await, Settled::Applied);
    assert_eq!((state(store, "a").await, alerts(store).await), (State::Ignored(twin), 0));
    assert_eq!(waiting(store, 10, 1000).await, []);
}

/// Somebody was faster, or said otherwise: nothing is written.
pub async fn what_does_not_wait_takes_no_object(store: &dyn Store) {
    let states = [State::Pending, State::Done]
        .into_iter()
        .chain([State::Dead(DeadReason::FactsMissing)])
        .chain([State::Ignored(IgnoredReason::ByOperator)]);
    for (n, before) in states.enumerate() {
        let name = n.to_string();
        let recorded = Event { state: before, ..thin(&name) };
        record_new(store, std::slice::from_ref(&recorded)).await;
        let ignored = Supplied::Ignored(IgnoredReason::SnapshotRecorded);
        let put_off = Supplied::Later { at: later(9) };
        for supplied in [object(&name, 1), put_off, dead(&name), ignored] {
            assert_eq!(supply(store, &name, &supplied, 2).await, Settled::Stale, "{before:?}");
            assert_eq!(event(store, &name).await, recorded);
        }
    }
    assert_eq!(supply(store, "x", &object("x", 1), 2).await, Settled::Stale);
    assert_eq!(supply(store, "x", &dead("x"), 2).await, Settled::Stale);
    assert_eq!(alerts(store).await, 0);
    assert_eq!(claimed(store, 10, later(1)).await, ["0"]);
}

/// Two who fetch the same object at once: what is kept is the winner's.
pub async fn concurrent_supplies_have_one_winner(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let fetched = (1..=10).map(|second| async move {
        (later(second), supply(store, "a", &object("a", second), 20).await)
    });
    let mut won: Vec<_> = join_all(fetched).await;
    won.retain(|(_, settled)| *settled == Settled::Applied);
    let winners: Vec<_> = won.into_iter().map(|(second, _)| Some(second)).collect();
    assert_eq!(winners, [event(store, "a").await.fetched_at]);
    assert_eq!(claim(store, 10, later(20)).await.len(), 1);
}

/// The object is there, and whoever asks again learns that nothing waits.
pub async fn a_supply_whose_answer_is_lost_is_done(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    let lossy = Lossy::new(store);
    lossy.plan(Call::SavesThenFails(StoreError::Busy));
    let lost = lossy.supply(&text("evt_a"), &object("a", 1), later(2)).await;
    assert_eq!(lost, Err(StoreError::Busy));
    assert_eq!(supply(store, "a", &object("a", 3), 4).await, Settled::Stale);
    assert_eq!(settle_all(store, later(4)).await.len(), 1);
    assert_eq!(given_ids(store).await, ["pi_a"]);
}

/// What was fetched once need not be fetched to be settled again.
pub async fn a_retried_thin_event_that_has_its_object_is_settled_again(store: &dyn Store) {
    record_new(store, &[thin("a")]).await;
    assert_eq!(supply(store, "a", &object("a", 1), 2).await, Settled::Applied);
    assert_eq!(settle_all(store, later(2)).await.len(), 1);
    assert_eq!(store.apply(Remedy::Retry, &one("a"), later(9)).await, Ok(1));
    assert_eq!((state(store, "a").await, waiting(store, 10, 99).await), (State::Pending, vec![]));
    assert_eq!(settle_all(store, later(8)).await, []);
    assert_eq!(settle_all(store, later(9)).await.len(), 1);
    assert_eq!(given_ids(store).await, ["pi_a"]);
}

/// Whatever it waited for before, and however often it was tried.
pub async fn a_retried_thin_event_without_its_object_is_due_at_once(store: &dyn Store) {
    record_new(store, &[thin("dead"), thin("ignored")]).await;
    for name in ["dead", "ignored"] {
        let put_off = Supplied::Later { at: later(5000) };
        assert_eq!(supply(store, name, &put_off, 0).await, Settled::Applied);
    }
    assert_eq!(supply(store, "dead", &dead("dead"), 1).await, Settled::Applied);
    assert_eq!(store.apply(Remedy::Ignore, &one("ignored"), later(1)).await, Ok(1));
    assert_eq!(store.apply(Remedy::Retry, &Selection::default(), later(2)).await, Ok(2));
    let due = ["dead", "ignored"].map(|it| (it.to_owned(), 0));
    assert_eq!(waiting(store, 10, 2).await, due);
    assert_eq!(claimed(store, 10, later(9000)).await, [""; 0]);
    let open = store.alerts(10).await.unwrap_or_default();
    assert_eq!(open.iter().map(|it| it.open).collect::<Vec<_>>(), [false]);
}

/// The same object and the same type, whatever became of the thin event.
pub async fn a_snapshot_event_is_told_thin_where_a_thin_one_tells_the_same(store: &dyn Store) {
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
    assert_eq!(store.told_thin(&batch(asked)).await, Ok(due));
    assert_eq!(store.told_thin(&[]).await, Ok(vec![]));
}

/// More events than a database takes parameters in one statement.
pub async fn thousands_of_events_are_looked_up_at_once(store: &dyn Store) {
    const EVENTS: usize = 3000;
    let name = |n: usize| n.to_string();
    let even: Vec<_> = (0..EVENTS).step_by(2).map(|n| thin(&name(n))).collect();
    record_new(store, &even).await;
    let asked = batch((0..EVENTS).map(|n| a_gift(&name(n))));
    let due: Vec<_> = (0..EVENTS).map(|n| n % 2 == 0).collect();
    assert_eq!(store.told_thin(&asked).await, Ok(due));
}
