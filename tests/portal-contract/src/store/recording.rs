//! Each event is recorded once, by its id.

use futures::future::join_all;
use portal_domain::Recorded::{Duplicate, New};
use portal_domain::{Event, IgnoredReason, Payload, Recorded, State, Store};

use crate::fixtures::later;
use crate::samples::{an_event, at, batch, everything, listed, record_new, text};

const PROCESSED: Recorded = New(State::Processed);

/// The first delivery of an event records it.
pub(crate) async fn a_new_event_is_new_and_there(store: &dyn Store) {
    let event = an_event("evt_1");
    assert_eq!(store.record(&batch([event.clone()]), later(0)).await, Ok(vec![PROCESSED]));
    assert_eq!(store.event(&event.id).await, Ok(Some(event)));
}

/// The second delivery of an event is a duplicate, and so is the third.
pub(crate) async fn recording_twice_is_one_event(store: &dyn Store) {
    let delivery = batch([an_event("evt_1")]);
    assert_eq!(store.record(&delivery, later(0)).await, Ok(vec![PROCESSED]));
    assert_eq!(store.record(&delivery, later(0)).await, Ok(vec![Duplicate]));
    assert_eq!(store.record(&delivery, later(0)).await, Ok(vec![Duplicate]));
    assert_eq!(listed(store, &everything()).await, ["evt_1"]);
}

/// The id alone identifies an event; other values of a repeat are ignored.
pub(crate) async fn a_repeat_changes_nothing_of_what_was_recorded_first(store: &dyn Store) {
    let first = an_event("evt_1");
    let repeat = Event {
        id: first.id.clone(),
        payload: Payload::Thin,
        event_type: text("v1.charge.failed"),
        created: at(1),
        livemode: true,
        api_version: None,
        account: Some(text("acct_1")),
        object_id: Some(text("ch_1")),
        snapshot_event: Some(text("evt_2")),
        facts: None,
        state: State::Ignored(IgnoredReason::ConnectedAccount),
        origin: first.origin,
        fetched_at: Some(at(3)),
        received_at: at(2),
    };
    record_new(store, std::slice::from_ref(&first)).await;
    assert_eq!(store.record(&batch([repeat]), later(0)).await, Ok(vec![Duplicate]));
    assert_eq!(store.event(&first.id).await, Ok(Some(first)));
}

/// The results have the order of the events.
pub(crate) async fn a_batch_is_answered_event_by_event_in_its_order(store: &dyn Store) {
    record_new(store, &["evt_2", "evt_4"].map(an_event)).await;
    let four = batch(["evt_1", "evt_2", "evt_3", "evt_4"].map(an_event));
    let recorded = store.record(&four, later(0)).await;
    assert_eq!(recorded, Ok(vec![PROCESSED, Duplicate, PROCESSED, Duplicate]));
    assert_eq!(listed(store, &everything()).await, ["evt_3", "evt_1", "evt_4", "evt_2"]);
}

/// The first occurrence counts.
pub(crate) async fn a_batch_with_the_same_id_twice_records_it_once(store: &dyn Store) {
    let first = an_event("evt_1");
    let second = Event { livemode: !first.livemode, ..first.clone() };
    let three = batch([first.clone(), an_event("evt_2"), second]);
    let recorded = store.record(&three, later(0)).await;
    assert_eq!(recorded, Ok(vec![PROCESSED, PROCESSED, Duplicate]));
    assert_eq!(store.event(&first.id).await, Ok(Some(first)));
    assert_eq!(listed(store, &everything()).await, ["evt_2", "evt_1"]);
}

/// The number exceeds the limit of parameters in one statement.
pub(crate) async fn a_large_batch_is_recorded_whole(store: &dyn Store) {
    let events: Vec<Event> = (0..5000).map(|n| an_event(&format!("evt_{n}"))).collect();
    record_new(store, &events).await;
    assert_eq!(listed(store, &everything()).await.len(), events.len());
}

/// Recording no events succeeds.
pub(crate) async fn an_empty_batch_is_fine(store: &dyn Store) {
    assert_eq!(store.record(&[], later(0)).await, Ok(vec![]));
    assert_eq!(listed(store, &everything()).await, [""; 0]);
}

/// Stripe's ids are case-sensitive, and a database's comparison must be too.
pub(crate) async fn ids_that_differ_in_case_only_are_different_events(store: &dyn Store) {
    record_new(store, &["evt_a", "evt_A", "EVT_a"].map(an_event)).await;
    assert_eq!(listed(store, &everything()).await, ["EVT_a", "evt_A", "evt_a"]);
}

/// Of concurrent deliveries of one event, one is stored with all of its values.
pub(crate) async fn concurrent_records_of_one_id_have_one_winner(store: &dyn Store) {
    let deliveries = (0..20).map(|second| async move {
        let event = Event { received_at: at(second), ..an_event("evt_1") };
        (event.clone(), store.record(&batch([event]), later(0)).await)
    });
    let answered = join_all(deliveries).await;
    let (won, lost): (Vec<_>, Vec<_>) =
        answered.into_iter().partition(|(_, recorded)| *recorded == Ok(vec![PROCESSED]));
    assert!(lost.iter().all(|(_, recorded)| *recorded == Ok(vec![Duplicate])), "{lost:?}");
    let winners: Vec<Event> = won.into_iter().map(|(event, _)| event).collect();
    assert_eq!(store.events(&everything()).await, Ok(winners));
}

/// Two replicas that write the same events in opposite order must not deadlock.
pub(crate) async fn concurrent_batches_in_opposite_order_both_succeed(store: &dyn Store) {
    const IDS: [&str; 4] = ["evt_1", "evt_2", "evt_3", "evt_4"];
    let forwards = batch(IDS.map(an_event));
    let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
    let batches = (0..20).map(|n| if n % 2 == 0 { &forwards } else { &backwards });
    let answered = join_all(batches.map(|it| store.record(it, later(0)))).await;
    let new = |recorded: &Vec<Recorded>| recorded.iter().filter(|it| **it == PROCESSED).count();
    let won: Result<Vec<usize>, _> = answered.iter().map(|it| it.as_ref().map(new)).collect();
    assert_eq!(won.map(|it| it.iter().sum()), Ok(IDS.len()), "{answered:?}");
    assert_eq!(listed(store, &everything()).await.len(), IDS.len());
}
