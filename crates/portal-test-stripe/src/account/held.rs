//! Stories of gifts that are authorised first and captured by a request
//! (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).

use super::Account;
use crate::object::{Feature, Object, ObjectKind};
use crate::truth::{Gift, Kind, Money};

/// Whether what an authorisation releases is told as a refund, too.
///
/// A charge's `amount_refunded` contains it in any case
/// (<https://github.com/woocommerce/woocommerce-gateway-stripe/issues/1073>); that there is a Refund as
/// well was seen by some (<https://github.com/solidusio/solidus_stripe/pull/268>) and is written
/// nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// By a Refund and by the charge.
    Refund,
    /// By the charge alone.
    Charge,
}

impl Account {
    /// A gift by card that is authorised `at` that time. The payment's id.
    ///
    /// `payment_intent.created`, `charge.succeeded`, `payment_intent.amount_capturable_updated`.
    pub fn hold(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let begun = self.begin_payment(at, amount, currency, None);
        let begun = Object { feature: Some(Feature::ManualCapture), ..begun };
        let charge = self.charge(at, &begun, "succeeded");
        self.tell(at, &charge, &["charge.succeeded"]);
        let held = Object { status: "requires_capture", charge: Some(charge.id), ..begun };
        self.tell(at, &held, &["payment_intent.amount_capturable_updated"]);
        self.keep_gift(Gift::begin(Kind::OneTime, &held, at));
        held.id
    }

    /// That much of what was authorised is captured, and the rest is released.
    ///
    /// `charge.captured`, `payment_intent.succeeded`, and where it is told so `refund.created`.
    pub fn capture(&mut self, payment: &str, at: i64, captured: i64, release: Release) {
        let held = self.known(ObjectKind::PaymentIntent, payment);
        let charge = self.charge_of(payment);
        let released = charge.amount - captured;
        let charge = Object { collected: captured, refunded: released, ..charge };
        self.tell(at, &charge, &["charge.captured"]);
        if released > 0 && release == Release::Refund {
            self.refund_of(&charge, at, released, None);
        }
        let paid = Object { status: "succeeded", collected: captured, ..held };
        self.tell(at, &paid, &["payment_intent.succeeded"]);
        self.money.insert(paid.id.clone(), Money::for_one(at, captured, &paid.id));
    }

    /// Nothing is captured, and all is released.
    ///
    /// `charge.refunded`, `payment_intent.canceled`.
    pub fn release(&mut self, payment: &str, at: i64) {
        let held = self.known(ObjectKind::PaymentIntent, payment);
        let charge = self.charge_of(payment);
        self.tell(at, &Object { refunded: charge.amount, ..charge }, &["charge.refunded"]);
        let reason = Some("requested_by_customer");
        let canceled = Object { status: "canceled", reason, paid_at: Some(at), ..held };
        self.tell(at, &canceled, &["payment_intent.canceled"]);
        self.gift(payment).failed_at = Some(at);
    }
}
