//! Checkout sessions.

use serde_json::{Value, json};

use crate::stripe::canary;
use crate::stripe::object::{Feature, Object};
use crate::stripe::time::DAY;

pub(super) fn checkout_session(it: &Object) -> Vec<Value> {
    let message = json!({"key": "message", "text": {"value": canary::MESSAGE}, "type": "text"});
    let creates_invoice = it.feature == Some(Feature::InvoiceCreation);
    vec![json!({
        "amount_subtotal": it.amount, "amount_total": it.amount,
        "client_reference_id": canary::DESCRIPTION, "custom_fields": [message],
        "customer": null, "customer_details": canary::person(), "customer_email": canary::EMAIL,
        "expires_at": it.created + DAY, "invoice": it.invoice,
        "invoice_creation": {"enabled": creates_invoice, "invoice_data": {}}, "metadata": canary::metadata(),
        "mode": "payment", "payment_intent": it.payment_intent,
        "payment_method_types": [it.method.name()], "payment_status": it.status,
        "status": "complete", "submit_type": "donate", "subscription": null,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    })]
}
