//! Refunds, credit notes, disputes, subscriptions.

use serde_json::{Value, json};

use super::Style;
use crate::stripe::canary;
use crate::stripe::money::{line_id, return_id};
use crate::stripe::object::{Feature, Object};
use crate::stripe::time::DAY;

pub(super) fn refund(it: &Object) -> Vec<Value> {
    // Money that was no payment is returned to a bank.
    let destination = match (&it.charge, it.feature) {
        (_, Some(Feature::ToCashBalance)) => "customer_cash_balance",
        (None, _) => "jp_bank_transfer",
        (Some(_), _) => "card",
    };
    let mut more = vec![json!({
        "destination_details": {destination: {}, "type": destination},
        "amount": it.amount, "balance_transaction": line_id(&it.id),
        "charge": it.charge, "metadata": canary::metadata(), "payment_intent": it.payment_intent,
        "reason": "requested_by_customer", "receipt_number": null, "status": it.status,
    })];
    if it.status == "failed" {
        more.push(json!({
            "failure_balance_transaction": return_id(&it.id),
            "failure_reason": "expired_or_canceled_card",
        }));
    }
    more
}

pub(super) fn credit_note(it: &Object) -> Vec<Value> {
    vec![json!({
        "amount": it.amount, "customer": "cus_Standin", "customer_balance_transaction": null,
        "invoice": it.invoice, "memo": canary::MESSAGE, "metadata": canary::metadata(),
        "number": "CANARY5519-0001-CN-01", "out_of_band_amount": it.amount,
        "post_payment_amount": it.amount, "pre_payment_amount": 0,
        "reason": "order_change", "refunds": [], "status": it.status, "subtotal": it.amount,
        "total": it.amount, "type": "post_payment",
        "voided_at": it.paid_at.filter(|_| it.status == "void"),
    })]
}

pub(super) fn dispute(it: &Object, style: Style<'_>) -> Vec<Value> {
    let returned = (it.status == "won").then(|| return_id(&it.id));
    let ids = returned.into_iter().chain([line_id(&it.id)]);
    let lines = ids.filter_map(|id| style.account.line(&id, i64::MAX));
    let lines = lines.map(|line| super::line(line, &json!(it.id), style, i64::MAX));
    vec![json!({
        "balance_transactions": lines.collect::<Vec<_>>(),
        "amount": it.amount, "charge": it.charge, "is_charge_refundable": false, "metadata": {},
        "evidence": {
            "customer_email_address": canary::EMAIL, "customer_name": canary::NAME,
            "customer_purchase_ip": canary::IP,
        },
        "evidence_details": {
            "due_by": it.created + 9 * DAY, "has_evidence": false, "past_due": false,
            "submission_count": 0,
        },
        "network_reason_code": "10.4", "payment_intent": it.payment_intent,
        "payment_method_details": {"card": {"brand": "visa"}, "type": "card"},
        "reason": "fraudulent", "status": it.status,
    })]
}

pub(super) fn subscription(it: &Object, style: Style<'_>) -> Vec<Value> {
    let period = json!({
        "current_period_end": it.created + 60 * DAY,
        "current_period_start": it.created + 30 * DAY,
    });
    let price = json!({
        "id": it.id.replacen("sub_", "price_", 1), "currency": it.currency,
        "product": "prod_Standin", "recurring": {"interval": "month", "interval_count": 1},
        "unit_amount": it.amount,
    });
    let mut item = json!({"id": it.id.replacen("sub_", "si_", 1), "price": price, "quantity": 1});
    let mut more = Vec::new();
    if style.is_before_basil() {
        more.push(period);
    } else if let (Some(item), Value::Object(period)) = (item.as_object_mut(), period) {
        item.extend(period);
    }
    more.push(json!({
        "cancel_at_period_end": false, "canceled_at": null, "customer": "cus_Standin",
        "collection_method": "charge_automatically", "description": canary::DESCRIPTION,
        "items": {"object": "list", "data": [item], "has_more": false},
        "metadata": canary::metadata(), "start_date": it.created, "status": it.status,
    }));
    more
}
