//! An event is read as it was recorded.

use std::iter::successors;

use portal_domain::{Entry, Event, FactsKind, IgnoredReason, Origin, Payload, State, Store};

use crate::fixtures::all_states;
use crate::samples::{an_event, at, everything, facts, record_new, text};

/// A store begins empty.
pub(crate) async fn a_fresh_store_holds_nothing(store: &dyn Store) {
    assert_eq!(store.events(&everything()).await, Ok(vec![]));
    assert_eq!(store.event(&text("evt_1")).await, Ok(None));
}

/// Only the whole id finds an event.
pub(crate) async fn an_unknown_id_is_none(store: &dyn Store) {
    record_new(store, &[an_event("evt_12")]).await;
    for unknown in ["evt_1", "evt_123", "evt_", "EVT_12", "evt_13"] {
        assert_eq!(store.event(&text(unknown)).await, Ok(None), "{unknown}");
    }
}

/// No field is lost, and none takes another's place.
pub(crate) async fn an_event_with_every_field_reads_back_equal(store: &dyn Store) {
    let event = Event {
        id: text("evt_1"),
        payload: Payload::Thin,
        event_type: text("v1.charge.succeeded"),
        created: at(1_700_000_001),
        livemode: true,
        api_version: Some(text("2024-06-20")),
        account: Some(text("acct_1/acct_2")),
        object_id: Some(text("ch_1.a-b_c")),
        snapshot_event: Some(text("evt_2")),
        facts: Some(facts(FactsKind::Charge, r#"{"id": "ch_1", "amount": 1}"#)),
        state: State::Ignored(IgnoredReason::UnknownType),
        origin: Origin::Reconciled,
        fetched_at: Some(at(1_700_000_003)),
        received_at: at(1_700_000_002),
    };
    reads_back(store, event).await;
}

/// A field that is absent stays absent.
pub(crate) async fn an_event_without_its_optional_fields_reads_back_equal(store: &dyn Store) {
    let event = Event {
        api_version: None,
        account: None,
        object_id: None,
        snapshot_event: None,
        facts: None,
        ..an_event("evt_1")
    };
    reads_back(store, event).await;
}

/// See [`Payload`].
pub(crate) async fn every_payload_reads_back_equal(store: &dyn Store) {
    // The match makes a new variant a compile error until it is listed here.
    let all = successors(Some(Payload::Snapshot), |it| match it {
        Payload::Snapshot => Some(Payload::Thin),
        Payload::Thin => Some(Payload::Object),
        Payload::Object => None,
    });
    for payload in all {
        reads_back(store, Event { payload, ..an_event(payload.name()) }).await;
    }
}

/// See [`State`] and [`IgnoredReason`].
pub(crate) async fn every_state_and_reason_reads_back_equal(store: &dyn Store) {
    for state in all_states() {
        let id = state.reason().unwrap_or_else(|| state.name());
        reads_back(store, Event { state, ..an_event(id) }).await;
    }
}

/// See [`Origin`].
pub(crate) async fn every_origin_reads_back_equal(store: &dyn Store) {
    let all = successors(Some(Origin::Delivered), |it| match it {
        Origin::Delivered => Some(Origin::Reconciled),
        Origin::Reconciled => None,
    });
    for origin in all {
        reads_back(store, Event { origin, ..an_event(origin.name()) }).await;
    }
}

/// One object of each kind, with lists and objects inside it.
pub(crate) async fn facts_of_every_kind_read_back_equal(store: &dyn Store) {
    use FactsKind::{
        Charge, CheckoutSession, CreditNote, Dispute, Invoice, InvoicePayment, NoInvoice,
        PaymentIntent, Payout, Refund, Subscription,
    };

    let all = successors(Some(PaymentIntent), |it| match it {
        PaymentIntent => Some(Charge),
        Charge => Some(Invoice),
        Invoice => Some(InvoicePayment),
        InvoicePayment => Some(NoInvoice),
        NoInvoice => Some(CheckoutSession),
        CheckoutSession => Some(CreditNote),
        CreditNote => Some(Refund),
        Refund => Some(Dispute),
        Dispute => Some(Subscription),
        Subscription => Some(Payout),
        Payout => None,
    });
    for (n, kind) in all.enumerate() {
        let object = match kind {
            PaymentIntent => {
                r#"{"id": "pi_1", "amount": 3000, "payment_method_types": ["card", "konbini"],
                    "last_payment_error": {"code": "card_declined", "type": "card_error"}}"#
            }
            Charge => r#"{"id": "ch_1", "captured": true, "outcome": {"risk_level": "normal"}}"#,
            Invoice => {
                r#"{"id": "in_1", "ending_balance": -500, "attempt_count": 2,
                    "lines": {"data": [{"amount": -1, "period": {"start": 1, "end": 2}}, {}]}}"#
            }
            InvoicePayment => {
                r#"{"id": "inpay_1", "payment": {"type": "charge", "charge": "ch_1"}}"#
            }
            NoInvoice => r#"{"id": "pi_1"}"#,
            CheckoutSession => r#"{"id": "cs_1", "total_details": {"amount_tax": 0}}"#,
            CreditNote => r#"{"id": "cn_1", "out_of_band_amount": 300, "status": "void"}"#,
            Refund => r#"{"id": "re_1", "amount": 1, "reason": "duplicate"}"#,
            Dispute => r#"{"id": "du_1", "balance_transactions": [{"amount": -9}]}"#,
            Subscription => {
                r#"{"id": "sub_1", "items": {"data": [{"price": {"unit_amount": 500}}]}}"#
            }
            Payout => r#"{"id": "po_1", "amount": -9, "automatic": true}"#,
        };
        let facts = Some(facts(kind, object));
        reads_back(store, Event { facts, ..an_event(&format!("evt_{n}")) }).await;
    }
}

/// An empty object is not an absent one, and an empty list is not an empty object.
pub(crate) async fn facts_that_are_nearly_nothing_read_back_equal(store: &dyn Store) {
    let objects = [
        "{}",
        r#"{"last_payment_error": {}}"#,
        r#"{"payment_method_types": []}"#,
        r#"{"payment_method_types": [null]}"#,
        r#"{"amount": 0, "livemode": false}"#,
    ];
    for (n, object) in objects.into_iter().enumerate() {
        let facts = Some(facts(FactsKind::PaymentIntent, object));
        reads_back(store, Event { facts, ..an_event(&format!("evt_{n}")) }).await;
    }
}

/// No amount uses a floating-point number, which is exact up to 2^53 only.
pub(crate) async fn the_least_and_the_greatest_amount_read_back_equal(store: &dyn Store) {
    const EXACT_MAX: i64 = 1 << 53;
    let amounts = [i64::MIN, -EXACT_MAX - 1, -1, 0, 1, EXACT_MAX + 1, i64::MAX];
    for (n, amount) in amounts.into_iter().enumerate() {
        let facts = Some(facts(FactsKind::Refund, &format!(r#"{{"amount": {amount}}}"#)));
        reads_back(store, Event { facts, ..an_event(&format!("evt_{n}")) }).await;
    }
}

/// Every second with a calendar date is valid, because test clocks can be set to any time.
pub(crate) async fn the_first_and_the_last_second_read_back_equal(store: &dyn Store) {
    const LAST: i64 = 253_402_207_200; // 9999-12-30T22:00:00Z, the last hour in every time zone
    const FAR: i64 = 1 << 32;
    for (n, second) in [0, 1, FAR, LAST].into_iter().enumerate() {
        let event = an_event(&format!("evt_{n}_created"));
        reads_back(store, Event { created: at(second), ..event }).await;
        let event = an_event(&format!("evt_{n}_received"));
        reads_back(store, Event { received_at: at(second), ..event }).await;
        let event = an_event(&format!("evt_{n}_fetched"));
        reads_back(store, Event { fetched_at: Some(at(second)), ..event }).await;
    }
}

/// Each text has the maximum length of its type.
pub(crate) async fn the_longest_texts_read_back_equal(store: &dyn Store) {
    let event = Event {
        event_type: text(&"t".repeat(128)),
        api_version: Some(text(&"v".repeat(64))),
        account: Some(text(&"a".repeat(255))),
        object_id: Some(text(&"o".repeat(255))),
        snapshot_event: Some(text(&"s".repeat(255))),
        ..an_event(&"e".repeat(255))
    };
    reads_back(store, event).await;
    // The ids differ in the last byte only: an index must not truncate them.
    let longest = format!("{}f", "e".repeat(254));
    reads_back(store, an_event(&longest)).await;
}

/// The list has complete events.
pub(crate) async fn listed_events_equal_what_was_recorded(store: &dyn Store) {
    let thin = Event {
        payload: Payload::Thin,
        livemode: true,
        api_version: None,
        account: Some(text("acct_1")),
        snapshot_event: Some(text("evt_3")),
        facts: None,
        state: State::Ignored(IgnoredReason::ConnectedAccount),
        ..an_event("evt_2")
    };
    let events = [an_event("evt_1"), thin];
    record_new(store, &events).await;
    let [first, second] = events;
    assert_eq!(store.events(&everything()).await, Ok(vec![second, first]));
}

/// Records `event` and asserts that reading it by its id returns the same.
async fn reads_back(store: &dyn Store, event: Event) {
    record_new(store, std::slice::from_ref(&event)).await;
    let decided = Entry::decide(event).event().clone();
    assert_eq!(store.event(&decided.id).await, Ok(Some(decided)));
}
