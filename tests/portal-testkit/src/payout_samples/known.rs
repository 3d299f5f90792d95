//! The payments of a set, from which a comparison with Stripe makes the ledger that must be known.

use serde_json::{Value, json};

use crate::stripe::Account;

/// Shows the payments of each donation, and its invoice.
pub(super) fn show(account: &mut Account, ledger: &Value) {
    for gift in ledger.as_array().into_iter().flatten() {
        for payment in gift["payments"].as_array().into_iter().flatten() {
            account.show_payment(payment_intent(gift, payment));
            if payment != &gift["id"] {
                account.show(invoice_payment(gift, payment));
            }
        }
        if gift["id"].as_str().is_some_and(|id| id.starts_with("in_")) {
            account.show(invoice(gift));
        }
    }
}

fn payment_intent(gift: &Value, payment: &Value) -> Value {
    json!({
        "id": payment, "object": "payment_intent", "amount": gift["amount"],
        "amount_received": gift["amount"], "created": gift["paid_at"],
        "currency": gift["currency"], "latest_charge": null, "livemode": gift["livemode"],
        "status": "succeeded",
    })
}

fn invoice(gift: &Value) -> Value {
    let details = json!({"metadata": {}, "subscription": "sub_Standin"});
    let parent = (gift["kind"] == "recurring")
        .then(|| json!({"subscription_details": details, "type": "subscription_details"}));
    json!({
        "id": gift["id"], "object": "invoice", "amount_due": gift["amount"],
        "amount_paid": gift["amount"], "created": gift["paid_at"], "currency": gift["currency"],
        "livemode": gift["livemode"], "parent": parent, "status": "paid",
        "status_transitions": {"paid_at": gift["paid_at"]}, "total": gift["amount"],
    })
}

fn invoice_payment(gift: &Value, payment: &Value) -> Value {
    let id = payment.as_str().unwrap_or_default().replacen("pi_", "inpay_", 1);
    json!({
        "id": id, "object": "invoice_payment", "amount_paid": gift["amount"],
        "amount_requested": gift["amount"], "created": gift["paid_at"],
        "currency": gift["currency"], "invoice": gift["id"], "is_default": true,
        "livemode": gift["livemode"], "status": "paid",
        "payment": {"payment_intent": payment, "type": "payment_intent"},
        "status_transitions": {"canceled_at": null, "paid_at": gift["paid_at"]},
    })
}
