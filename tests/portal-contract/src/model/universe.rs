//! Events of a few payments, invoices, refunds and disputes: so few that they interact.

use std::sync::OnceLock;

use portal_domain::{Event, EventId};
use serde_json::{Value, json};

use crate::stripe::{
    BEGIN, Object, Told, charge, credit_note, dispute, invoice, invoice_payment, new, no_invoice,
    observed, old, payment, refund, session, subscribing_session, subscription, thin,
};

/// Returns all events, each with its own id.
pub(super) fn events() -> &'static [Event] {
    static EVENTS: OnceLock<Vec<Event>> = OnceLock::new();
    EVENTS.get_or_init(|| told().iter().map(Told::event).collect())
}

/// Returns the thin event with its object.
pub(super) fn fetched(event: &EventId) -> Option<&'static Event> {
    static FETCHED: OnceLock<Vec<Option<Event>>> = OnceLock::new();
    let place = events().iter().position(|it| &it.id == event)?;
    FETCHED.get_or_init(|| told().iter().map(Told::fetched).collect()).get(place)?.as_ref()
}

fn told() -> &'static [Told] {
    static TOLD: OnceLock<Vec<Told>> = OnceLock::new();
    TOLD.get_or_init(|| {
        let told = [
            payments(),
            charges(),
            sessions(),
            invoices(),
            invoice_payments(),
            refunds(),
            disputes(),
            credit_notes(),
            asked_for(),
            without_effect(),
        ];
        let told = told.into_iter().flatten().enumerate();
        told.map(|(n, told)| told.known_as(&format!("evt_{n}"))).collect()
    })
}

fn payments() -> Vec<Told> {
    let mut told = vec![];
    for pi in ["pi_1", "pi_2"] {
        for status in ["requires_payment_method", "requires_action", "succeeded", "canceled"] {
            let seen = || {
                let error = json!({"code": "card_declined"});
                payment(pi, status).with("last_payment_error", error)
            };
            let hint = seen().with("payment_details", json!({"order_reference": "in_1"}));
            for second in [1, 2] {
                told.push(old(second, "payment_intent.updated", seen()));
                told.push(old(second, "payment_intent.updated", seen().with("invoice", "in_1")));
                told.push(new(second, "payment_intent.updated", seen()));
                told.push(new(second, "payment_intent.updated", hint.clone()));
            }
        }
    }
    let part = payment("pi_2", "succeeded").with("amount_received", 400);
    let hint = part.clone().with("payment_details", json!({"order_reference": "in_1"}));
    told.push(new(2, "payment_intent.succeeded", part));
    told.push(new(2, "payment_intent.succeeded", hint.clone()));
    told.push(new(3, "payment_intent.succeeded", hint));
    told.push(new(3, "payment_intent.succeeded", payment("pi_3", "succeeded")).in_test_mode());
    let void = payment("pi_1", "canceled").with("cancellation_reason", "void_invoice");
    told.push(new(2, "payment_intent.canceled", void));
    told
}

fn charges() -> Vec<Told> {
    let mut told = vec![];
    for (id, pi) in [("ch_1", json!("pi_1")), ("ch_2", json!("pi_2")), ("ch_3", Value::Null)] {
        for status in ["failed", "pending", "succeeded"] {
            let seen = || charge(id, "", status).with("payment_intent", pi.clone());
            told.push(old(1, &format!("charge.{status}"), seen()));
            told.push(old(1, &format!("charge.{status}"), seen().with("invoice", "in_1")));
            told.push(new(2, &format!("charge.{status}"), seen()));
        }
        for (second, total) in [(3, 300), (3, 700), (5, 700), (5, 1000), (6, 0)] {
            let back = charge(id, "", "succeeded").with("amount_refunded", total);
            let back = back.with("payment_intent", pi.clone());
            told.push(new(second, "charge.refunded", back));
        }
        for (second, captured, refunded) in [(2, 700, 300), (3, 700, 600), (2, 0, 1000)] {
            let part = charge(id, "", "succeeded").with("captured", captured > 0);
            let part = part.with("amount_captured", captured).with("amount_refunded", refunded);
            let part = part.with("refunded", captured == 0).with("payment_intent", pi.clone());
            told.push(new(second, "charge.captured", part));
        }
    }
    told
}

fn sessions() -> Vec<Told> {
    let mut told = vec![];
    for pi in ["pi_1", "pi_2"] {
        for invoice in [Value::Null, json!("in_1"), json!("in_2")] {
            let seen = |status| session(pi, status).with("invoice", invoice.clone());
            told.push(new(2, "checkout.session.completed", seen("paid")));
            told.push(new(1, "checkout.session.completed", seen("unpaid")));
            told.push(new(3, "checkout.session.async_payment_failed", seen("unpaid")));
        }
    }
    for invoice in ["in_1", "in_2"] {
        told.push(new(2, "checkout.session.completed", subscribing_session(invoice)));
    }
    told
}

fn invoices() -> Vec<Told> {
    let mut told = vec![];
    for id in ["in_1", "in_2"] {
        for status in ["draft", "open", "paid", "void", "uncollectible"] {
            for second in [1, 3] {
                let seen = || invoice(id, status);
                let subscribed = seen().with("subscription", "sub_1");
                told.push(old(
                    second,
                    "invoice.updated",
                    subscribed.with("payment_intent", "pi_1"),
                ));
                told.push(old(second, "invoice.updated", seen().with("paid_out_of_band", false)));
                told.push(new(second, "invoice.updated", seen()));
                let untried = seen().with("attempted", false).with("attempt_count", 0);
                told.push(new(second, "invoice.updated", untried));
            }
        }
        let nothing = invoice(id, "paid").with("amount_due", 0).with("amount_paid", 0);
        told.push(new(3, "invoice.paid", nothing));
        for status in ["open", "paid", "void"] {
            let in_part = invoice(id, status).with("amount_paid", 400);
            told.push(new(3, "invoice.updated", in_part));
        }
        let cash = invoice(id, "paid").with("amount_paid", 0).with("paid_out_of_band", true);
        told.push(old(3, "invoice.paid", cash));
        told.push(old(3, "invoice.deleted", invoice(id, "draft")));
    }
    told
}

fn invoice_payments() -> Vec<Told> {
    let mut told = vec![];
    for (invoice, pi) in [("in_1", "pi_1"), ("in_1", "pi_2"), ("in_2", "pi_1"), ("in_2", "pi_4")] {
        let paid = || invoice_payment(invoice, pi);
        told.push(new(3, "invoice_payment.paid", paid()));
        for share in [333, 400, 600] {
            told.push(new(3, "invoice_payment.paid", paid().with("amount_paid", share)));
        }
        told.push(new(1, "invoice_payment.created", paid().with("status", "open")));
        told.push(new(3, "invoice_payment.canceled", paid().with("status", "canceled")));
    }
    told
}

fn refunds() -> Vec<Told> {
    let mut told = vec![];
    for (id, amount, made) in [("re_1", 300, 3), ("re_2", 400, 4), ("re_3", 1000, 5)] {
        for status in ["pending", "succeeded", "failed", "canceled"] {
            for second in [made, 5, 7] {
                let seen = refund(id, "pi_1", status, amount).with("created", BEGIN + made);
                told.push(new(second, "refund.updated", seen));
            }
        }
    }
    let other = refund("re_4", "pi_4", "succeeded", 300).with("charge", Value::Null);
    told.push(new(5, "refund.created", other));
    told
}

fn disputes() -> Vec<Told> {
    let mut told = vec![];
    for (id, pi, amount) in [("du_1", "pi_1", 1000), ("du_2", "pi_1", 300), ("du_3", "pi_4", 600)] {
        for status in ["warning_needs_response", "needs_response", "won", "lost", "warning_closed"]
        {
            for second in [4, 6] {
                let seen = dispute(pi, status).with("id", id).with("amount", amount);
                told.push(new(second, "charge.dispute.updated", seen));
            }
        }
    }
    told
}

fn credit_notes() -> Vec<Told> {
    let mut told = vec![];
    for (id, invoice, amount) in [("cn_1", "in_1", 300), ("cn_2", "in_1", 900), ("cn_3", "in_2", 0)]
    {
        for status in ["issued", "void"] {
            let seen = credit_note(id, invoice, status, amount);
            told.push(new(4, "credit_note.updated", seen));
        }
    }
    told
}

/// Returns objects read from Stripe's API, in comparisons or for thin events.
fn asked_for() -> Vec<Told> {
    let mut told = vec![];
    for pi in ["pi_1", "pi_2"] {
        told.push(observed(2, no_invoice(pi)));
        for status in ["processing", "succeeded"] {
            told.push(observed(2, payment(pi, status)));
            told.push(thin(1, "payment_intent.succeeded", payment(pi, status), 3));
        }
        told.push(thin(3, "invoice_payment.paid", invoice_payment("in_1", pi), 4));
    }
    let back = charge("ch_1", "pi_1", "succeeded").with("amount_refunded", 700);
    told.push(observed(4, back));
    told.push(observed(3, invoice("in_1", "paid")));
    told.push(thin(3, "invoice.paid", invoice("in_2", "paid"), 5));
    let nowhere = payment("pi_1", "succeeded").with("currency", "");
    told.push(thin(1, "payment_intent.succeeded", nowhere, 2));
    told
}

/// Returns events without changes of the ledger: unknown types, connected accounts, missing facts,
/// invalid values.
fn without_effect() -> Vec<Told> {
    let nowhere = |status| payment("pi_1", status).with("currency", "");
    vec![
        new(1, "customer.subscription.created", subscription("active")),
        new(1, "customer.created", Object::of("customer", "cus_1")),
        new(1, "payment_intent.succeeded", payment("pi_1", "succeeded")).of_account("acct_2"),
        new(1, "payment_intent.succeeded", nowhere("succeeded")),
        new(1, "payment_intent.created", nowhere("requires_action")),
        new(1, "refund.created", refund("re_1", "pi_1", "succeeded", -1)),
    ]
}
