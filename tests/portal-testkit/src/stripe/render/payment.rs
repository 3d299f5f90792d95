//! Payments and charges.

use serde_json::{Value, json};

use super::{Style, render};
use crate::stripe::canary;
use crate::stripe::money::line_id;
use crate::stripe::object::{Feature, Method, Object};

/// From this version on a payment has `payment_details`.
const PAYMENT_DETAILS: &str = "2025-10-29";

pub(super) fn payment_intent(it: &Object, style: Style<'_>) -> Vec<Value> {
    let canceled = it.status == "canceled";
    let capturable = if it.status == "requires_capture" { it.amount } else { 0 };
    let manual = it.feature == Some(Feature::ManualCapture);
    let error = it
        .reason
        .filter(|_| !canceled)
        .map(|code| json!({"code": code, "message": canary::NAME, "type": "card_error"}));
    let charge = style.latest_charge.map(|it| render(it, style)).or_else(|| Some(json!(it.charge)));
    let mut more = vec![json!({
        "amount": it.amount, "amount_capturable": capturable,
        "amount_received": it.collected,
        "canceled_at": it.paid_at.filter(|_| canceled),
        "cancellation_reason": it.reason.filter(|_| canceled),
        "capture_method": if manual { "manual" } else { "automatic" },
        "client_secret": format!("{}_{}", it.id, canary::CLIENT_SECRET),
        "customer": null, "description": canary::DESCRIPTION, "last_payment_error": error,
        "latest_charge": charge, "metadata": canary::metadata(), "next_action": null,
        "payment_method_types": [it.method.name()], "receipt_email": canary::EMAIL,
        "shipping": null, "status": it.status,
    })];
    if style.is_before_basil() {
        more.push(json!({"invoice": it.invoice}));
    }
    if style.version >= PAYMENT_DETAILS {
        let order_reference = it.invoice.as_ref().filter(|_| style.account.hints);
        more.push(json!({
            "payment_details": {"customer_reference": null, "order_reference": order_reference},
        }));
    }
    more
}

pub(super) fn charge(it: &Object, style: Style<'_>) -> Vec<Value> {
    let paid = it.status == "succeeded";
    let method = match it.method {
        Method::Card => json!({"card": canary::card("visa"), "type": "card"}),
        Method::Jcb => json!({"card": canary::card("jcb"), "type": "card"}),
        Method::Konbini => json!({"konbini": {"store": {"chain": "lawson"}}, "type": "konbini"}),
    };
    let outcome = if paid { "authorized" } else { "issuer_declined" };
    let mut more = vec![json!({
        "amount": it.amount, "amount_captured": it.collected, "amount_refunded": it.refunded,
        "balance_transaction": it.has_line.then(|| line_id(&it.id)),
        "billing_details": canary::person(), "captured": it.collected > 0, "customer": null,
        "description": canary::DESCRIPTION, "disputed": it.disputed, "failure_code": it.reason,
        "metadata": canary::metadata(), "outcome": {"risk_level": "normal", "type": outcome},
        "paid": paid, "payment_intent": it.payment_intent, "payment_method_details": method,
        "receipt_email": canary::EMAIL, "receipt_url": canary::receipt_url(),
        "refunded": paid && it.refunded == it.amount, "status": it.status,
    })];
    if style.is_before_basil() {
        more.push(json!({"invoice": it.invoice}));
    }
    more
}
