//! The events of an object: those about it, those that name it, and for an invoice those of its
//! payments.

use portal_domain::{
    DeadReason, Entry, Event, EventFilter, Reprocess, Selection, State, Store, Written,
};

use crate::fixtures::{a_gift, a_gift_without_currency, later, told_of};
use crate::samples::{listed, record_new, text, those};
use crate::stripe::{
    charge, dispute, invoice, invoice_payment, new, old, old_invoice, payment, refund, session,
    subscribing_session, thin,
};

fn of(object: &str) -> EventFilter {
    those(Selection::about(&text(object)))
}

/// Returns events of all kinds about one payment and its invoice, one for each object.
fn all_about_one_gift() -> Vec<Event> {
    let paid = payment("pi_1", "succeeded").with("latest_charge", "ch_1");
    [
        ("session", new(0, "checkout.session.completed", session("pi_1", "paid"))),
        ("payment", new(1, "payment_intent.succeeded", paid)),
        ("charge", new(2, "charge.succeeded", charge("ch_1", "pi_1", "succeeded"))),
        ("invoice", new(3, "invoice.paid", invoice("in_1", "paid"))),
        ("link", new(4, "invoice_payment.paid", invoice_payment("in_1", "pi_1"))),
        ("refund", new(5, "refund.created", refund("re_1", "pi_1", "succeeded", 400))),
        ("dispute", new(6, "charge.dispute.created", dispute("pi_1", "won").with("id", "du_1"))),
    ]
    .into_iter()
    .map(|(name, told)| told_of(name, told))
    .collect()
}

/// The object may be of any kind; the newest event comes first.
pub(crate) async fn events_are_found_by_the_object_that_they_are_about(store: &dyn Store) {
    record_new(store, &all_about_one_gift()).await;
    let refunded = new(7, "refund.updated", refund("re_1", "pi_1", "succeeded", 400));
    record_new(store, &[told_of("refund_again", refunded), a_gift("2")]).await;
    for (object, due) in [
        ("cs_1", &["evt_session"][..]),
        ("ch_1", &["evt_charge"]),
        ("inpay_1", &["evt_link"]),
        ("re_1", &["evt_refund_again", "evt_refund"]),
        ("du_1", &["evt_dispute"]),
        ("pi_2", &["evt_2"]),
    ] {
        assert_eq!(listed(store, &of(object)).await, due, "{object}");
    }
}

/// An operator with the id of a payment or an invoice sees all events about it.
pub(crate) async fn events_are_found_by_the_payment_and_the_invoice_that_they_name(
    store: &dyn Store,
) {
    record_new(store, &all_about_one_gift()).await;
    let of_the_payment =
        ["evt_dispute", "evt_refund", "evt_link", "evt_charge", "evt_payment", "evt_session"];
    assert_eq!(listed(store, &of("pi_1")).await, of_the_payment);
    // The ledger has neither dead events, which are found by their payment, nor a session without a
    // payment.
    let subscribed = new(7, "checkout.session.completed", subscribing_session("in_2"));
    let dead = new(8, "invoice_payment.paid", invoice_payment("in_2", "pi_2").with("currency", ""));
    record_new(store, &[told_of("subscribed", subscribed), told_of("dead", dead)]).await;
    assert_eq!(listed(store, &of("pi_2")).await, ["evt_dead"]);
    assert_eq!(listed(store, &of("in_2")).await, ["evt_subscribed"]);
}

/// Since 2025-03-31.basil a payment does not name its invoice; the ledger knows it by other events.
pub(crate) async fn the_events_of_its_payments_are_found_by_an_invoice(store: &dyn Store) {
    let mut all = all_about_one_gift();
    let link = all.remove(4);
    record_new(store, &all).await;
    record_new(store, &[a_gift("2")]).await;
    assert_eq!(listed(store, &of("in_1")).await, ["evt_invoice"]);
    record_new(store, &[link]).await;
    let due = ["link", "dispute", "refund", "invoice", "charge", "payment", "session"];
    assert_eq!(listed(store, &of("in_1")).await, due.map(|it| format!("evt_{it}")));
}

/// Before 2025-03-31.basil payments and invoices named each other.
pub(crate) async fn old_payments_and_invoices_are_found_by_each_other(store: &dyn Store) {
    let paid = payment("pi_1", "succeeded").with("invoice", "in_1");
    let charged = charge("ch_1", "pi_1", "succeeded").with("invoice", "in_1");
    let events = [
        told_of("a", old(0, "payment_intent.succeeded", paid)),
        told_of("b", old(1, "charge.succeeded", charged)),
        told_of("c", old(2, "invoice.paid", old_invoice("in_1", "paid", "pi_1"))),
    ];
    record_new(store, &events).await;
    for object in ["pi_1", "in_1"] {
        assert_eq!(listed(store, &of(object)).await, ["evt_c", "evt_b", "evt_a"], "{object}");
    }
}

/// Each event is listed once, even one that names its own object.
pub(crate) async fn an_event_that_names_its_object_twice_is_found_once(store: &dyn Store) {
    let same = charge("pi_1", "pi_1", "succeeded").with("invoice", "pi_1");
    record_new(store, &[told_of("a", old(0, "charge.succeeded", same))]).await;
    assert_eq!(listed(store, &of("pi_1")).await, ["evt_a"]);
}

/// Operators mostly search for events that the ledger lacks.
pub(crate) async fn events_are_found_by_their_object_whatever_became_of_them(store: &dyn Store) {
    let named_only = told_of("thin", thin(1, "payment_intent.created", payment("pi_1", ""), 2));
    let events = [
        Event { id: text("evt_dead"), ..a_gift_without_currency("1") },
        named_only,
        Event {
            id: text("evt_failed"),
            state: State::Dead(DeadReason::LedgerFailed),
            ..a_gift("1")
        },
    ];
    record_new(store, &events).await;
    assert_eq!(listed(store, &of("pi_1")).await, ["evt_failed", "evt_thin", "evt_dead"]);
}

/// A thin event names only its own object; the fetched object names others.
pub(crate) async fn an_event_is_found_by_what_its_object_names_once_that_is_fetched(
    store: &dyn Store,
) {
    let told = thin(0, "charge.succeeded", charge("ch_1", "pi_1", "succeeded"), 5);
    let told = told.known_as("evt_a");
    record_new(store, &[told.event()]).await;
    assert_eq!(listed(store, &of("ch_1")).await, ["evt_a"]);
    assert_eq!(listed(store, &of("pi_1")).await, [""; 0]);
    let fetched = told.fetched().map(Entry::decide);
    let step =
        fetched.map(|entry| Reprocess { entry, from: State::AwaitingObject { was_dead: false } });
    let written = store.reprocess(step.as_slice(), later(6)).await;
    assert_eq!(written, Ok(vec![Written::Applied]));
    for object in ["ch_1", "pi_1"] {
        assert_eq!(listed(store, &of(object)).await, ["evt_a"], "{object}");
    }
}

/// The other conditions narrow the result, and the limit keeps the newest.
pub(crate) async fn an_object_and_other_filters_let_through_what_each_lets_through(
    store: &dyn Store,
) {
    record_new(store, &all_about_one_gift()).await;
    record_new(store, &[a_gift("2")]).await;
    let of_it = || of("pi_1").which;
    let paid = Selection { event_type: Some(text("payment_intent.succeeded")), ..of_it() };
    assert_eq!(listed(store, &those(paid)).await, ["evt_payment"]);
    let processed = Selection { state: Some("processed"), ..of_it() };
    assert_eq!(
        listed(store, &EventFilter::last(2, processed)).await,
        ["evt_dispute", "evt_refund"]
    );
    let dead = Selection { state: Some("dead"), ..of_it() };
    assert_eq!(listed(store, &those(dead)).await, [""; 0]);
    assert_eq!(listed(store, &EventFilter { limit: 0, ..of("pi_1") }).await, [""; 0]);
}

/// Ids are compared as a whole, byte by byte, without prefixes and patterns.
pub(crate) async fn an_object_that_no_event_names_has_none(store: &dyn Store) {
    record_new(store, &all_about_one_gift()).await;
    for object in ["pi_", "pi_11", "PI_1", "pi_.", "evt_payment"] {
        assert_eq!(listed(store, &of(object)).await, [""; 0], "{object}");
    }
    assert_eq!(store.prune(later(1_000_000), 100).await, Ok(7));
    assert_eq!(listed(store, &of("pi_1")).await, [""; 0]);
}
