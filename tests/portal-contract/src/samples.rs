//! Sample events. A test changes one by `Event { livemode: true, ..an_event("evt_1") }`.

#![expect(clippy::expect_used, reason = "a sample that cannot be made is a mistake in the test")]

use std::sync::Arc;

use portal_domain::lenient::FromJson;
use portal_domain::tables::TABLES;
use portal_domain::{
    Entry, Event, EventFilter, Facts, FactsKind, Origin, Payload, Recorded, Selection, State,
    Store, UnixSeconds,
};

/// The beginning of stories, from which they count seconds.
pub const BEGIN: i64 = 1_760_000_000;

/// Returns the event of a payment that succeeded.
#[must_use]
pub fn an_event(id: &str) -> Event {
    Event {
        id: text(id),
        payload: Payload::Snapshot,
        event_type: text("payment_intent.succeeded"),
        created: at(1_760_000_000),
        livemode: false,
        api_version: Some(text("2025-09-30.clover")),
        account: None,
        object_id: Some(text("pi_1")),
        snapshot_event: None,
        facts: Some(facts(
            FactsKind::PaymentIntent,
            r#"{"id": "pi_1", "amount_received": 3000, "currency": "jpy", "status": "succeeded"}"#,
        )),
        state: State::Processed,
        origin: Origin::Delivered,
        fetched_at: None,
        received_at: at(1_760_000_002),
    }
}

/// Columns of the event of [`an_event`] in SQL, each with a value that no store writes and a valid one.
pub const UNREADABLE: [(&str, &str, &str); 11] = [
    ("id", "'evt 1'", "'evt_1'"),
    ("payload", "'thick'", "'snapshot'"),
    ("type", "''", "'payment_intent.succeeded'"),
    ("api_version", "'The newest'", "null"),
    ("account", "'acct 1'", "null"),
    ("fetched_at", "-1", "null"),
    ("facts", "'{\"object\":\"customer\"}'", "null"),
    ("state", "'finished'", "'processed'"),
    ("reason", "'unknown_type'", "null"),
    ("origin", "'found'", "'delivered'"),
    ("received_at", "9223372036854775807", "1760000002"),
];

/// Converts `text` to an id, a type, a word or another text type of the domain.
///
/// # Panics
/// If it is invalid for the type.
#[must_use]
pub fn text<T: FromJson>(text: &str) -> T {
    T::from_text(text).expect("a text that fits its type")
}

/// Returns the time `seconds` after 1970.
///
/// # Panics
/// If it has no calendar date.
#[must_use]
pub fn at(seconds: i64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a moment with a calendar date")
}

/// Returns the facts of `object`, an object of Stripe as JSON.
///
/// # Panics
/// If it is not of that kind.
#[must_use]
pub fn facts(kind: FactsKind, object: &str) -> Facts {
    kind.read(object).expect("an object of that kind")
}

/// Decides `events`, for [`Inbox::record`](portal_domain::Inbox::record).
#[must_use]
pub fn batch(events: impl IntoIterator<Item = Event>) -> Vec<Arc<Entry>> {
    events.into_iter().map(|it| Arc::new(Entry::decide(it))).collect()
}

/// Returns a filter that selects every event of a test.
#[must_use]
pub fn everything() -> EventFilter {
    EventFilter::latest(1_000_000)
}

/// Returns a filter that selects every one of these events.
#[must_use]
pub fn those(which: Selection) -> EventFilter {
    EventFilter::last(1_000_000, which)
}

/// Returns the SQL that leaves a database as the migrations made it, a statement for each table.
#[must_use]
pub fn emptying() -> Vec<String> {
    let tables = TABLES.iter().map(|it| it.name).chain(["heartbeat"]);
    tables.map(|it| format!("delete from {it}")).collect()
}

/// Records `events` in one step, in a store that has none of them yet.
pub(crate) async fn record_new(store: &dyn Store, events: &[Event]) {
    record_new_at(store, events, at(BEGIN)).await;
}

/// Records `events` as [`record_new`] does, at `now`.
pub(crate) async fn record_new_at(store: &dyn Store, events: &[Event], now: UnixSeconds) {
    let entries = batch(events.iter().cloned());
    let new: Vec<_> = entries.iter().map(|it| Recorded::New(it.event().state)).collect();
    assert_eq!(store.record(&entries, now).await, Ok(new));
}

/// Returns the ids that `filter` selects, in the order of the list.
pub(crate) async fn listed(store: &dyn Store, filter: &EventFilter) -> Vec<String> {
    let events = store.events(filter).await.expect("a list of events");
    events.iter().map(|event| event.id.to_string()).collect()
}
