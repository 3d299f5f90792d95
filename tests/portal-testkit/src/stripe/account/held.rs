//! Stories of donations that are authorised first and captured by a request
//! (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).

use super::Account;
use crate::stripe::object::{Feature, Object, ObjectKind};
use crate::stripe::truth::{Gift, Kind, Money};

/// The representation of the released part of an authorisation.
///
/// A charge's `amount_refunded` contains it in any case
/// (<https://github.com/woocommerce/woocommerce-gateway-stripe/issues/1073>). That there is a
/// Refund as well was observed by some (<https://github.com/solidusio/solidus_stripe/pull/268>) but
/// is documented nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// By a Refund and by the charge.
    Refund,
    /// By the charge alone.
    Charge,
}

impl Account {
    /// Authorises a donation by card at time `at`. Returns the payment's id.
    ///
    /// `payment_intent.created`, `charge.succeeded`, `payment_intent.amount_capturable_updated`.
    pub fn hold(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let begun = self.begin_payment(at, amount, currency, None);
        let begun = Object { feature: Some(Feature::ManualCapture), ..begun };
        let charge = Object { has_line: false, ..self.charge(at, &begun, "succeeded") };
        self.tell(at, &charge, &["charge.succeeded"]);
        let held = Object { status: "requires_capture", charge: Some(charge.id), ..begun };
        self.tell(at, &held, &["payment_intent.amount_capturable_updated"]);
        self.keep_gift(Gift::begin(Kind::OneTime, &held, at));
        held.id
    }

    /// Captures a part of an authorisation, and releases the rest.
    ///
    /// `charge.captured`, `payment_intent.succeeded`, and for [`Release::Refund`] `refund.created`.
    pub fn capture(&mut self, payment: &str, at: i64, captured: i64, release: Release) {
        let held = self.known(ObjectKind::PaymentIntent, payment);
        let charge = self.charge_of(payment);
        let released = charge.amount - captured;
        let charge = Object { collected: captured, refunded: released, ..charge };
        let has_refund = released > 0 && release == Release::Refund;
        let charged = if has_refund { charge.amount } else { captured };
        self.charge_came(at, &charge, charged, &["charge.captured"]);
        if has_refund {
            let refund = self.refund_of(&charge, at, released, None);
            self.book_release(at, &refund);
        }
        let paid = Object { status: "succeeded", collected: captured, ..held };
        self.tell(at, &paid, &["payment_intent.succeeded"]);
        self.money.insert(paid.id.clone(), Money::for_one(at, captured, &paid.id));
    }

    /// Captures nothing, and releases the whole authorisation.
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
