//! The list of events and its filters.

use portal_domain::ports::DOCTORS_TYPE;
use portal_domain::{
    DeadReason, Event, EventFilter, IgnoredReason, Origin, Selection, State, Store,
};

use crate::samples::{an_event, at, batch, everything, listed, record_new, text, those};

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
    let only = |name| those(Selection { event_type: Some(text(name)), ..Selection::default() });
    assert_eq!(listed(store, &only("charge.refund")).await, ["evt_6", "evt_1"]);
    assert_eq!(listed(store, &only("payment_intent.succeeded")).await, ["evt_4"]);
}

/// Running `doctor` does not push what Stripe sent out of the list.
pub(crate) async fn the_events_of_doctor_are_listed_by_their_type_only(store: &dyn Store) {
    let own = Event { event_type: text(DOCTORS_TYPE), ..an_event("evt_b") };
    record_new(store, &[an_event("evt_a"), own]).await;
    assert_eq!(listed(store, &EventFilter::latest(1)).await, ["evt_a"]);
    let of_doctor =
        those(Selection { event_type: Some(text(DOCTORS_TYPE)), ..Selection::default() });
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
    let only = |state| those(Selection { state: Some(state), ..Selection::default() });
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
    let since = |second| those(Selection { since: Some(at(second)), ..Selection::default() });
    assert_eq!(listed(store, &since(10)).await, ["evt_3", "evt_2"]);
    assert_eq!(listed(store, &since(0)).await, ["evt_3", "evt_2", "evt_1"]);
}

/// The filter is by the time of receipt and excludes the given second.
pub(crate) async fn the_filter_by_until_lets_earlier_seconds_through(store: &dyn Store) {
    let events = [("evt_1", 9), ("evt_2", 10), ("evt_3", 11)]
        .map(|(id, second)| Event { received_at: at(second), ..an_event(id) });
    record_new(store, &events).await;
    let until = |second| those(Selection { until: Some(at(second)), ..Selection::default() });
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

/// Most events fail one condition each, and the limit counts only the rest.
pub(crate) async fn filters_together_let_through_what_each_lets_through(store: &dyn Store) {
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    let fits = |id| Event {
        event_type: text("charge.failed"),
        state: ignored,
        received_at: at(10),
        livemode: true,
        ..an_event(id)
    };
    let by_operator = State::Ignored(IgnoredReason::ByOperator);
    let events = [
        fits("evt_first"),
        fits("evt_from"),
        fits("evt_after"),
        fits("evt_oldest"),
        fits("evt_1"),
        fits("evt_2"),
        Event { object_id: Some(text("pi_2")), ..fits("evt_object") },
        Event { event_type: text("charge.succeeded"), ..fits("evt_type") },
        Event { state: State::Processed, ..fits("evt_state") },
        Event { state: by_operator, ..fits("evt_reason") },
        Event { origin: Origin::Reconciled, ..fits("evt_origin") },
        Event { livemode: false, ..fits("evt_mode") },
        Event { received_at: at(9), ..fits("evt_since") },
        Event { received_at: at(11), ..fits("evt_until") },
        fits("evt_before"),
        fits("evt_newest"),
    ];
    record_new(store, &events).await;
    let which = Selection {
        ids: vec![],
        object: Some(text("pi_1")),
        event_type: Some(text("charge.failed")),
        state: Some(ignored.name()),
        reason: ignored.reason(),
        origin: Some(Origin::Delivered),
        livemode: Some(true),
        acknowledged: Some(false),
        since: Some(at(10)),
        until: Some(at(11)),
        from: Some(text("evt_from")),
        expected: None,
    };
    let before = Some((at(10), text("evt_before")));
    let filter =
        EventFilter { which, after: Some(text("evt_after")), before, limit: 2, search: Some(100) };
    assert_eq!(listed(store, &filter).await, ["evt_2", "evt_1"]);
}

/// The result is an empty list, not an error.
pub(crate) async fn a_filter_that_nothing_fits_lists_nothing(store: &dyn Store) {
    record_new(store, &[an_event("evt_1")]).await;
    for filter in [
        those(Selection { object: Some(text("pi_2")), ..Selection::default() }),
        those(Selection { event_type: Some(text("charge.failed")), ..Selection::default() }),
        those(Selection { state: Some("ignored"), ..Selection::default() }),
        those(Selection { since: Some(at(2_000_000_000)), ..Selection::default() }),
        those(Selection { reason: Some("by_operator"), ..Selection::default() }),
        those(Selection { origin: Some(Origin::Reconciled), ..Selection::default() }),
        those(Selection { livemode: Some(true), ..Selection::default() }),
        those(Selection { from: Some(text("evt_pruned")), ..Selection::default() }),
        those(Selection { until: Some(at(0)), ..Selection::default() }),
        EventFilter { after: Some(text("evt_1")), ..everything() },
    ] {
        assert_eq!(listed(store, &filter).await, [""; 0], "{filter:?}");
    }
}

/// The event and those that were recorded after it, whatever the clocks say.
pub(crate) async fn the_filter_by_from_lets_that_event_and_later_ones_through(store: &dyn Store) {
    let events = [("evt_1", 9), ("evt_2", 10), ("evt_3", 8)]
        .map(|(id, second)| Event { received_at: at(second), ..an_event(id) });
    record_new(store, &events).await;
    let from = |id| those(Selection { from: Some(text(id)), ..Selection::default() });
    assert_eq!(listed(store, &from("evt_2")).await, ["evt_3", "evt_2"]);
    assert_eq!(listed(store, &from("evt_3")).await, ["evt_3"]);
}

/// Events that come in between two pages are before the first one; those of one second are told
/// apart by their place.
pub(crate) async fn pages_lose_and_double_no_event_while_events_come_in(store: &dyn Store) {
    let name = |n: i64| format!("evt_{}", n * 7 % 23);
    let event = |n: i64| Event { received_at: at(n / 5), ..an_event(&name(n)) };
    record_new(store, &(0..23).map(event).collect::<Vec<_>>()).await;
    let due: Vec<_> = (0..23).rev().map(name).collect();
    let mut paged: Vec<Event> = vec![];
    for n in 0..9 {
        let before = paged.last().map(|it| (it.received_at, it.id.clone()));
        let page = EventFilter { before, ..EventFilter::latest(3) };
        let page = store.events(&page).await.unwrap_or_default();
        assert!(page.len() <= 3);
        paged.extend(page);
        record_new(store, &[Event { received_at: at(5), ..an_event(&format!("evt_new_{n}")) }])
            .await;
    }
    assert_eq!(paged.into_iter().map(|it| it.id.to_string()).collect::<Vec<_>>(), due);
}

/// The page goes on by time; events of that second may come twice, and none is lost.
pub(crate) async fn a_page_goes_on_where_its_last_event_was_pruned(store: &dyn Store) {
    let events = [("evt_1", 9), ("evt_2", 10), ("evt_3", 10), ("evt_4", 11)]
        .map(|(id, second)| Event { received_at: at(second), ..an_event(id) });
    record_new(store, &events).await;
    let before = Some((at(10), text("evt_pruned")));
    let page = EventFilter { before, ..everything() };
    assert_eq!(listed(store, &page).await, ["evt_3", "evt_2", "evt_1"]);
}

/// The selected events of each search, from the last event to the first.
async fn searched(store: &dyn Store, which: &Selection, search: u32) -> Vec<Vec<String>> {
    let mut filter = EventFilter { search: Some(search), ..those(which.clone()) };
    let mut found = vec![];
    loop {
        found.push(listed(store, &filter).await);
        let end = store.search_end(&filter).await;
        let Ok(Some(end)) = end else { return found };
        filter.before = Some((end.received_at, end.id));
    }
}

/// A rare event costs no look at the whole inbox at once, and is found all the same.
pub(crate) async fn a_search_looks_at_so_many_events_and_the_next_one_goes_on(store: &dyn Store) {
    let event = |n: i64| {
        let rare = if [2, 7, 8].contains(&n) { "charge.failed" } else { "charge.succeeded" };
        Event { event_type: text(rare), ..an_event(&format!("evt_{n}")) }
    };
    record_new(store, &(1..=9).map(event).collect::<Vec<_>>()).await;
    let rare = Selection { event_type: Some(text("charge.failed")), ..Selection::default() };
    let [three, all] = [3, 100].map(|search| searched(store, &rare, search));
    assert_eq!(three.await, [vec!["evt_8", "evt_7"], vec![], vec!["evt_2"], vec![]]);
    assert_eq!(all.await, [["evt_8", "evt_7", "evt_2"]]);
}

/// Dead events stay when those around them are deleted.
pub(crate) async fn a_search_goes_on_past_what_was_pruned(store: &dyn Store) {
    let event = |n: i64| {
        let state = match n {
            1 | 20 => State::Dead(DeadReason::LedgerFailed),
            _ => State::Processed,
        };
        Event { received_at: at(n), state, ..an_event(&format!("evt_{n}")) }
    };
    record_new(store, &(1..=20).map(event).collect::<Vec<_>>()).await;
    assert_eq!(store.prune(at(20), 100).await, Ok(18));
    let found = searched(store, &Selection::default(), 3).await;
    assert_eq!(found.concat(), ["evt_20", "evt_1"]);
}

/// The number is that of the list, up to the limit.
pub(crate) async fn events_are_counted_as_they_are_listed(store: &dyn Store) {
    let dead = State::Dead(DeadReason::LedgerFailed);
    let events = [("evt_1", dead), ("evt_2", State::Processed), ("evt_3", dead)]
        .map(|(id, state)| Event { state, ..an_event(id) });
    record_new(store, &events).await;
    let all = Selection::default;
    for (which, due) in [
        (all(), 3),
        (Selection { state: Some("dead"), ..all() }, 2),
        (Selection { reason: Some("facts_missing"), ..all() }, 0),
        (Selection { from: Some(text("evt_2")), ..all() }, 2),
        (Selection { object: Some(text("pi_1")), ..all() }, 3),
        (Selection { ids: vec![text("evt_3"), text("evt_9")], ..all() }, 1),
    ] {
        assert_eq!(listed(store, &those(which.clone())).await.len(), due, "{which:?}");
        assert_eq!(store.count_events(&which, 10).await, Ok(due as u64), "{which:?}");
        assert_eq!(store.count_events(&which, 1).await, Ok(due.min(1) as u64), "{which:?}");
    }
}
