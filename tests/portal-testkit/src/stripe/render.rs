//! Renders objects as Stripe shows them, in the requested version.

use serde_json::{Map, Value, json};

mod checkout_session;
mod invoice;
mod payment;
mod rest;

mod line;
mod payout;

pub(crate) use line::{balance, line};

use crate::stripe::account::Account;
use crate::stripe::object::{Object, ObjectKind};

/// From this version on payments, charges and invoices do not name each other
/// (<https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices>).
const BASIL: &str = "2025-03-31";

/// The way in which an object is rendered.
#[derive(Clone, Copy)]
pub(crate) struct Style<'a> {
    pub(crate) version: &'a str,
    pub(crate) account: &'a Account,
    /// The charge of a payment, if it is expanded.
    pub(crate) latest_charge: Option<&'a Object>,
}

impl<'a> Style<'a> {
    pub(crate) fn of(account: &'a Account, version: &'a str) -> Self {
        Self { version, account, latest_charge: None }
    }

    /// True if objects name each other. Versions begin with a date, so their texts compare.
    fn is_before_basil(self) -> bool {
        self.version < BASIL
    }
}

pub(crate) fn render(object: &Object, style: Style<'_>) -> Value {
    if let Some(whole) = &object.whole {
        return as_brought(whole.clone(), style);
    }
    let parts: Vec<Value> = match object.kind {
        ObjectKind::PaymentIntent => payment::payment_intent(object, style),
        ObjectKind::Charge => payment::charge(object, style),
        ObjectKind::Invoice => invoice::invoice(object, style),
        ObjectKind::InvoicePayment => invoice::invoice_payment(object),
        ObjectKind::CheckoutSession => checkout_session::checkout_session(object),
        ObjectKind::CreditNote => rest::credit_note(object),
        ObjectKind::Refund => rest::refund(object),
        ObjectKind::Dispute => rest::dispute(object, style),
        ObjectKind::Subscription => rest::subscription(object, style),
        ObjectKind::Payout => payout::payout(object, style),
    };
    let mut fields = Map::new();
    for part in parts {
        if let Value::Object(more) = part {
            fields.extend(more);
        }
    }
    for (name, value) in [
        ("id", json!(object.id)),
        ("object", json!(object.kind.name())),
        ("created", json!(object.created)),
        ("currency", json!(object.currency)),
    ] {
        fields.insert(name.into(), value);
    }
    // A refund does not have `livemode`.
    if object.kind != ObjectKind::Refund {
        fields.insert("livemode".into(), json!(style.account.livemode));
    }
    Value::Object(fields)
}

/// Returns the object as a test supplied it, with the charge of a payment if it is expanded.
fn as_brought(mut whole: Value, style: Style<'_>) -> Value {
    if let (Some(charge), Some(fields)) = (style.latest_charge, whole.as_object_mut()) {
        let charge = render(charge, Style { latest_charge: None, ..style });
        fields.insert("latest_charge".into(), charge);
    }
    whole
}
