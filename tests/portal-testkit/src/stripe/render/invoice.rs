//! Invoices, and their links to payments.

use serde_json::{Value, json};

use super::Style;
use crate::stripe::canary;
use crate::stripe::object::{Feature, Object};
use crate::stripe::time::{DAY, HOUR};

pub(super) fn invoice(it: &Object, style: Style<'_>) -> Vec<Value> {
    let paid = it.status == "paid";
    let out_of_band = it.feature == Some(Feature::PaidOutOfBand);
    let not_counted = out_of_band && style.is_before_basil();
    let amount_paid = if not_counted { 0 } else { it.collected.min(it.amount) };
    let manual = it.reason == Some("manual");
    let ended_at = |status| it.paid_at.filter(|_| it.status == status);
    let finalized_at = it.paid_at.or_else(|| (it.status == "open").then_some(it.created + HOUR));
    let next = (it.status == "open" && it.attempts > 0).then_some(it.created + 3 * DAY);
    vec![
        json!({
            "amount_due": it.amount, "amount_paid": amount_paid,
            "amount_remaining": it.amount - amount_paid, "attempt_count": it.attempts,
            "attempted": it.attempts > 0 || paid && it.amount == 0,
            "billing_reason": it.reason,
            "collection_method": if manual { "send_invoice" } else { "charge_automatically" },
            "customer": "cus_Standin", "description": canary::DESCRIPTION, "ending_balance": 0,
            "hosted_invoice_url": canary::hosted_page(), "metadata": canary::metadata(),
            "next_payment_attempt": next, "number": "CANARY5519-0001",
            "period_end": it.created, "period_start": it.created - 30 * DAY, "starting_balance": 0,
            "status": it.status, "subtotal": it.amount, "total": it.amount,
            "status_transitions": {
                "finalized_at": finalized_at,
                "marked_uncollectible_at": ended_at("uncollectible"),
                "paid_at": ended_at("paid"), "voided_at": ended_at("void"),
            },
        }),
        Value::Object(canary::customer().into_iter().map(|(name, it)| (name.into(), it)).collect()),
        links(it, style, out_of_band),
        json!({"lines": lines(it, style)}),
    ]
}

pub(super) fn invoice_payment(it: &Object) -> Vec<Value> {
    let ended_at = |status| it.paid_at.filter(|_| it.status == status);
    let amount_paid = Some(it.collected).filter(|_| it.status == "paid");
    vec![json!({
        "amount_paid": amount_paid, "amount_requested": it.amount, "invoice": it.invoice,
        "is_default": it.feature != Some(Feature::Attached), "status": it.status,
        "payment": {"payment_intent": it.payment_intent, "type": "payment_intent"},
        "status_transitions": {"canceled_at": ended_at("canceled"), "paid_at": ended_at("paid")},
    })]
}

/// Returns the fields of an invoice that name its payment and its subscription.
fn links(it: &Object, style: Style<'_>, out_of_band: bool) -> Value {
    let metadata = canary::metadata();
    if style.is_before_basil() {
        return json!({
            "charge": it.charge, "paid": it.status == "paid", "paid_out_of_band": out_of_band,
            "payment_intent": it.payment_intent, "subscription": it.subscription,
            "subscription_details": it.subscription.as_ref().map(|_| json!({"metadata": metadata})),
        });
    }
    let parent = it.subscription.as_ref().map(|id| {
        let details = json!({"metadata": metadata, "subscription": id});
        json!({"quote_details": null, "subscription_details": details, "type": "subscription_details"})
    });
    json!({"amount_overpaid": (it.collected - it.amount).max(0), "parent": parent})
}

fn lines(it: &Object, style: Style<'_>) -> Value {
    let mut line = json!({
        "id": it.id.replacen("in_", "il_", 1), "object": "line_item", "amount": it.amount,
        "currency": it.currency, "description": canary::DESCRIPTION, "livemode": style.account.livemode,
        "metadata": canary::metadata(), "quantity": 1,
        "period": {"end": it.created + 30 * DAY, "start": it.created},
    });
    if let Some(line) = line.as_object_mut() {
        if style.is_before_basil() {
            line.insert("subscription".into(), json!(it.subscription));
            line.insert("proration".into(), json!(false));
        } else {
            let item = json!({"proration": false, "subscription": it.subscription});
            line.insert("parent".into(), json!({"subscription_item_details": item}));
        }
    }
    let url = format!("/v1/invoices/{}/lines", it.id);
    json!({"object": "list", "data": [line], "has_more": false, "total_count": 1, "url": url})
}
