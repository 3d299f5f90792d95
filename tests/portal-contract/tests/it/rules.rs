//! The domain's rules without a store: the changes and the state of an event.

use portal_contract::at;
use portal_contract::stripe::{
    Object, Told, charge, dispute, invoice, invoice_payment, new, old, payment, refund, session,
    subscribing_session, subscription, told,
};
use portal_domain::ledger::{Change, Evidence, changes};
use portal_domain::{Alert, DeadReason, Entry, Event, State};
use serde_json::{Value, json};

fn of(told: &Told) -> Result<Vec<Change>, DeadReason> {
    changes(&told.event())
}

fn one_of_each() -> [(&'static str, Object); 8] {
    [
        ("payment_intent.succeeded", payment("pi_1", "succeeded")),
        ("charge.succeeded", charge("ch_1", "pi_1", "succeeded")),
        ("checkout.session.completed", session("pi_1", "paid")),
        ("checkout.session.completed", subscribing_session("in_1")),
        ("invoice.paid", invoice("in_1", "paid")),
        ("invoice_payment.paid", invoice_payment("in_1", "pi_1")),
        ("refund.created", refund("re_1", "pi_1", "succeeded", 400)),
        ("charge.dispute.created", dispute("pi_1", "needs_response")),
    ]
}

#[test]
fn what_tells_of_money_changes_the_ledger() {
    for (event_type, object) in one_of_each() {
        let changed = of(&new(1, event_type, object)).unwrap();
        assert!(!changed.is_empty(), "{event_type}");
    }
}

#[test]
fn money_without_a_currency_is_dead() {
    for (event_type, object) in one_of_each() {
        let told = new(1, event_type, object.with("currency", Value::Null));
        assert_eq!(of(&told), Err(DeadReason::FactsMissing), "{event_type}");
    }
}

#[test]
fn money_without_an_amount_is_dead() {
    let amounts = [
        "amount",
        "amount_received",
        "amount_captured",
        "amount_due",
        "amount_paid",
        "amount_total",
    ];
    for (event_type, mut object) in one_of_each() {
        for amount in amounts {
            object = object.with(amount, Value::Null);
        }
        let told = new(1, event_type, object);
        assert_eq!(of(&told), Err(DeadReason::FactsMissing), "{event_type}");
    }
}

#[test]
fn an_object_without_a_status_is_dead() {
    for (event_type, object) in one_of_each() {
        let without = ["checkout", "invoice_payment", "refund"];
        if without.iter().any(|it| event_type.starts_with(it)) {
            continue; // it tells of its payment by other fields, or of nothing; a refund by being there
        }
        let told = new(1, event_type, object.with("status", Value::Null));
        assert_eq!(of(&told), Err(DeadReason::FactsMissing), "{event_type}");
    }
}

#[test]
fn an_amount_that_stripe_would_not_take_is_dead() {
    for (amount, taken) in
        [(-1, false), (0, true), (999_999_999_999, true), (1_000_000_000_000, false)]
    {
        let told = new(1, "refund.created", refund("re_1", "pi_1", "succeeded", amount));
        let expected = if taken { Ok(1) } else { Err(DeadReason::AmountOutOfRange) };
        assert_eq!(of(&told).map(|it| it.len()), expected, "{amount}");
    }
}

#[test]
fn a_subscription_is_a_promise_and_no_money() {
    assert_eq!(of(&new(1, "customer.subscription.created", subscription("active"))), Ok(vec![]));
}

#[test]
fn an_invoice_that_was_paid_elsewhere_has_no_payment() {
    let record = json!({"type": "payment_record", "payment_record": "pr_1"});
    let paid = invoice_payment("in_1", "pi_1").with("payment", record);
    assert_eq!(of(&new(1, "invoice_payment.paid", paid)), Ok(vec![]));
}

#[test]
fn only_what_looks_like_an_invoice_is_taken_for_one() {
    for (reference, hints) in [("in_1", true), ("order 7", false), ("in_", false), ("IN_1", false)]
    {
        let note = json!({"order_reference": reference});
        let paid = payment("pi_1", "succeeded").with("payment_details", note);
        let changed = of(&new(1, "payment_intent.succeeded", paid)).unwrap();
        let linked = changed.iter().any(|it| matches!(it, Change::Link(_)));
        assert_eq!(linked, hints, "{reference}");
    }
}

#[test]
fn a_null_says_that_there_is_no_invoice_whatever_the_api_version_is_called() {
    let without = payment("pi_1", "succeeded");
    let null = without.clone().with("invoice", Value::Null);
    for version in ["2024-06-20", "2022-11-15; orders_beta=v4", "2025-09-30.clover"] {
        let told = |object: &Object| told(version, 1, "payment_intent.succeeded", object.clone());
        let linked = of(&told(&null)).unwrap().iter().any(|it| matches!(it, Change::Link(_)));
        assert!(linked, "{version}");
    }
    let silent = of(&new(1, "payment_intent.succeeded", without)).unwrap();
    assert!(!silent.iter().any(|it| matches!(it, Change::Link(_))));
}

#[test]
fn the_firmer_evidence_has_the_lesser_rank() {
    for pair in Evidence::ALL.windows(2) {
        assert!(pair[0] < pair[1] && pair[0].rank() <= pair[1].rank(), "{pair:?}");
        // Evidence of equal firmness must agree, or the order would decide.
        let both_say_none = pair.iter().all(|it| format!("{it:?}").starts_with("NoInvoice"));
        assert!(pair[0].rank() < pair[1].rank() || both_say_none, "{pair:?}");
    }
}

#[test]
fn a_charge_that_just_began_has_no_running_total() {
    let began = old(1, "charge.succeeded", charge("ch_1", "pi_1", "succeeded"));
    let totals = |told: &Told| {
        let changed = of(told).unwrap();
        changed.iter().filter(|it| matches!(it, Change::Refund(_))).count()
    };
    assert_eq!(totals(&began), 0);
    // A failed refund takes the total back to 0, which is a new version.
    let later = old(9, "charge.updated", charge("ch_1", "pi_1", "succeeded"));
    assert_eq!(totals(&later), 1);
}

#[test]
fn a_decision_that_panics_leaves_an_event_that_is_dead_and_changes_nothing() {
    let event = new(1, "refund.created", refund("re_1", "pi_1", "succeeded", 400)).event();
    let entry = Entry::decide_by(event.clone(), |_| panic!("a sample"));
    let state = State::Dead(DeadReason::LedgerFailed);
    assert_eq!((entry.event(), entry.changes()), (&Event { state, ..event }, [].as_slice()));
    let reason = DeadReason::LedgerFailed;
    assert!(matches!(entry.alert(), Some(Alert::EventDead { reason: it, .. }) if it == reason));
}

#[test]
fn a_probe_has_a_change_of_each_kind() {
    let probe = Entry::probe(at(0)).unwrap();
    let kinds: Vec<_> = probe.changes().iter().map(std::mem::discriminant).collect();
    let told = one_of_each().into_iter().flat_map(|(it, object)| of(&new(1, it, object)).unwrap());
    for change in told {
        assert!(kinds.contains(&std::mem::discriminant(&change)), "{change:?}");
    }
}
