//! The list of events and its filters.

use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::{Event, EventFilter, IgnoredReason, State, Store};

use crate::samples::{an_event, at, batch, everything, listed, record_new, text};

/// The order is that of recording, latest first, within a batch and across batches.
pub(crate) async fn events_come_newest_first(store: &dyn Store) {
    record_new(store, &["evt_b", "evt_c", "evt_a"].map(an_event)).await;
    record_new(store, &["evt_e"].map(an_event)).await;
    record_new(store, &["evt_d"].map(an_event)).await;
    let newest_first = ["evt_d", "evt_e", "evt_a", "evt_c", "evt_b"];
    assert_eq!(listed(store, &everything()).await, newest_first);
}

/// Stripe delivers out of order and repeats deliveries for days.
pub(crate) async fn the_order_is_that_of_arrival_not_of_any_clock(store: &dyn Store) {
    let events = [("evt_1", 3), ("evt_2", 1), ("evt_3", 2)]
        .map(|(id, second)| Event { created: at(second), ..an_event(id) });
    record_new(store, &events).await;
    assert_eq!(listed(store, &everything()).await, ["evt_3", "evt_2", "evt_1"]);
}

/// A duplicate is not the newest event.
pub(crate) async fn a_repeat_stays_in_its_place(store: &dyn Store) {
    record_new(store, &["evt_1", "evt_2"].map(an_event)).await;
    let repeat = Event { received_at: at(2_000_000_000), ..an_event("evt_1") };
    assert!(store.record(&batch([repeat]), at(0)).await.is_ok());
    assert_eq!(listed(store, &everything()).await, ["evt_2", "evt_1"]);
}

/// Types are compared as a whole, byte by byte, without prefixes and patterns.
pub(crate) async fn the_filter_by_type_lets_that_type_through(store: &dyn Store) {
    let types = [
        ("evt_1", "charge.refund"),
        ("evt_2", "charge.refund.updated"),
        ("evt_3", "chargexrefund"),
        ("evt_4", "payment_intent.succeeded"),
        ("evt_5", "paymentxintent.succeeded"),
        ("evt_6", "charge.refund"),
    ];
    let events = types.map(|(id, name)| Event { event_type: text(name), ..an_event(id) });
    record_new(store, &events).await;
    let only = |name| EventFilter { event_type: Some(text(name)), ..everything() };
    assert_eq!(listed(store, &only("charge.refund")).await, ["evt_6", "evt_1"]);
    assert_eq!(listed(store, &only("payment_intent.succeeded")).await, ["evt_4"]);
}

/// Running `doctor` does not push what Stripe sent out of the list.
pub(crate) async fn the_events_of_doctor_are_listed_by_their_type_only(store: &dyn Store) {
    let own = Event { event_type: text(DOCTORS_TYPE), ..an_event("evt_b") };
    record_new(store, &[an_event("evt_a"), own]).await;
    assert_eq!(listed(store, &EventFilter::latest(1)).await, ["evt_a"]);
    let of_doctor = EventFilter { event_type: Some(text(DOCTORS_TYPE)), ..everything() };
    assert_eq!(listed(store, &of_doctor).await, ["evt_b"]);
}

/// A state is found by its name, whatever its reason.
pub(crate) async fn the_filter_by_state_lets_that_state_through(store: &dyn Store) {
    let states = [
        ("evt_1", State::Processed),
        ("evt_2", State::Ignored(IgnoredReason::UnknownType)),
        ("evt_3", State::Processed),
        ("evt_4", State::Ignored(IgnoredReason::ConnectedAccount)),
    ];
    record_new(store, &states.map(|(id, state)| Event { state, ..an_event(id) })).await;
    let only = |state| EventFilter { state: Some(state), ..everything() };
    assert_eq!(listed(store, &only("processed")).await, ["evt_3", "evt_1"]);
    assert_eq!(listed(store, &only("ignored")).await, ["evt_4", "evt_2"]);
}

/// The filter is by the time of receipt and includes the given second.
pub(crate) async fn the_filter_by_since_lets_that_second_and_later_through(store: &dyn Store) {
    let events = [("evt_1", 9), ("evt_2", 10), ("evt_3", 11)].map(|(id, second)| Event {
        received_at: at(second),
        created: at(10),
        ..an_event(id)
    });
    record_new(store, &events).await;
    let since = |second| EventFilter { since: Some(at(second)), ..everything() };
    assert_eq!(listed(store, &since(10)).await, ["evt_3", "evt_2"]);
    assert_eq!(listed(store, &since(0)).await, ["evt_3", "evt_2", "evt_1"]);
}

/// The filter is by the time of receipt and excludes the given second.
pub(crate) async fn the_filter_by_until_lets_earlier_seconds_through(store: &dyn Store) {
    let events = [("evt_1", 9), ("evt_2", 10), ("evt_3", 11)]
        .map(|(id, second)| Event { received_at: at(second), ..an_event(id) });
    record_new(store, &events).await;
    let until = |second| EventFilter { until: Some(at(second)), ..everything() };
    assert_eq!(listed(store, &until(10)).await, ["evt_1"]);
    assert_eq!(listed(store, &until(12)).await, ["evt_3", "evt_2", "evt_1"]);
}

/// The filter is by the order of recording, whatever the clocks say.
pub(crate) async fn the_filter_by_after_lets_what_was_recorded_later_through(store: &dyn Store) {
    let events = [("evt_1", 9), ("evt_2", 10), ("evt_3", 8), ("evt_4", 7)]
        .map(|(id, second)| Event { received_at: at(second), ..an_event(id) });
    record_new(store, &events).await;
    let after = |id| EventFilter { after: Some(text(id)), ..everything() };
    assert_eq!(listed(store, &after("evt_2")).await, ["evt_4", "evt_3"]);
    assert_eq!(listed(store, &after("evt_4")).await, [""; 0]);
    let all = ["evt_4", "evt_3", "evt_2", "evt_1"];
    assert_eq!(listed(store, &after("evt_pruned")).await, all);
}

/// The oldest events are left out.
pub(crate) async fn the_limit_keeps_the_newest(store: &dyn Store) {
    record_new(store, &["evt_1", "evt_2", "evt_3"].map(an_event)).await;
    let limited = EventFilter { limit: 2, ..everything() };
    assert_eq!(listed(store, &limited).await, ["evt_3", "evt_2"]);
}

/// A limit of 0 is valid.
pub(crate) async fn a_limit_of_nothing_lists_nothing(store: &dyn Store) {
    record_new(store, &[an_event("evt_1")]).await;
    let limited = EventFilter { limit: 0, ..everything() };
    assert_eq!(listed(store, &limited).await, [""; 0]);
}

/// The limit is a maximum only.
pub(crate) async fn a_limit_beyond_what_is_there_lists_everything(store: &dyn Store) {
    record_new(store, &["evt_1", "evt_2"].map(an_event)).await;
    let limited = EventFilter { limit: u32::MAX, ..everything() };
    assert_eq!(listed(store, &limited).await, ["evt_2", "evt_1"]);
}

/// Of nine events six fail one condition each, and the limit counts only the rest.
pub(crate) async fn filters_together_let_through_what_each_lets_through(store: &dyn Store) {
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    let fits = |id| Event {
        event_type: text("charge.failed"),
        state: ignored,
        received_at: at(10),
        ..an_event(id)
    };
    let events = [
        fits("evt_after"),
        fits("evt_oldest"),
        fits("evt_1"),
        fits("evt_2"),
        Event { object_id: Some(text("pi_2")), ..fits("evt_object") },
        Event { event_type: text("charge.succeeded"), ..fits("evt_type") },
        Event { state: State::Processed, ..fits("evt_state") },
        Event { received_at: at(9), ..fits("evt_since") },
        Event { received_at: at(11), ..fits("evt_until") },
    ];
    record_new(store, &events).await;
    let filter = EventFilter {
        object: Some(text("pi_1")),
        event_type: Some(text("charge.failed")),
        state: Some(ignored.name()),
        since: Some(at(10)),
        until: Some(at(11)),
        after: Some(text("evt_after")),
        limit: 2,
    };
    assert_eq!(listed(store, &filter).await, ["evt_2", "evt_1"]);
}

/// The result is an empty list, not an error.
pub(crate) async fn a_filter_that_nothing_fits_lists_nothing(store: &dyn Store) {
    record_new(store, &[an_event("evt_1")]).await;
    for filter in [
        EventFilter { object: Some(text("pi_2")), ..everything() },
        EventFilter { event_type: Some(text("charge.failed")), ..everything() },
        EventFilter { state: Some("ignored"), ..everything() },
        EventFilter { since: Some(at(2_000_000_000)), ..everything() },
        EventFilter { until: Some(at(0)), ..everything() },
        EventFilter { after: Some(text("evt_1")), ..everything() },
    ] {
        assert_eq!(listed(store, &filter).await, [""; 0], "{filter:?}");
    }
}
