//! Stories of one-time donations, and the payment that every story but a free one has.

use super::Account;
use crate::stripe::object::{Feature, Method, Object, ObjectKind};
use crate::stripe::time::DAY;
use crate::stripe::truth::{Gift, Kind, Money};

/// The seconds between opening Checkout, which creates the session and the payment, and the
/// payment.
pub(super) const VISIT_SECONDS: i64 = 30;

/// The time in which a konbini voucher can be paid
/// (<https://docs.stripe.com/payments/konbini/accept-a-payment>).
const VOUCHER_SECONDS: i64 = 3 * DAY;

impl Account {
    /// Makes a donation by card through Checkout, paid at time `at`. Returns the payment's id.
    ///
    /// `payment_intent.created`, `charge.succeeded`, `payment_intent.succeeded`,
    /// `checkout.session.completed`.
    pub fn one_time(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let payment = self.one_time_without_session(at, amount, currency);
        let paid = self.known(ObjectKind::PaymentIntent, &payment);
        self.visit(at, &paid, "paid", None);
        payment
    }

    /// Makes the same donation without a session, so that only a lookup shows that it has no
    /// invoice.
    pub fn one_time_without_session(
        &mut self,
        at: i64,
        amount: i64,
        currency: &'static str,
    ) -> String {
        let payment = self.begin_payment(at - VISIT_SECONDS, amount, currency, None);
        self.keep_gift(Gift::begin(Kind::OneTime, &payment, at));
        self.pay(at, &payment);
        self.money.insert(payment.id.clone(), Money::for_one(at, amount, &payment.id));
        payment.id
    }

    /// Makes the same donation by a card of JCB, whose fee is taxed.
    pub fn one_time_by_jcb(&mut self, at: i64, amount: i64) -> String {
        let begun = self.begin_payment(at - VISIT_SECONDS, amount, "jpy", None);
        let begun = Object { method: Method::Jcb, ..begun };
        self.keep_gift(Gift::begin(Kind::OneTime, &begun, at));
        self.pay(at, &begun);
        self.money.insert(begun.id.clone(), Money::for_one(at, amount, &begun.id));
        begun.id
    }

    /// Makes a donation by konbini: the donor has the voucher at time `at`, and pays it at
    /// `paid_at`; without that it fails three days later. Returns the payment's id.
    ///
    /// `payment_intent.requires_action`, `checkout.session.completed` (unpaid), later those of a
    /// payment and `checkout.session.async_payment_succeeded` or `…_failed`.
    pub fn konbini(&mut self, at: i64, paid_at: Option<i64>, amount: i64) -> String {
        let begun = self.begin_payment(at - VISIT_SECONDS, amount, "jpy", None);
        let waiting = Object { status: "requires_action", method: Method::Konbini, ..begun };
        self.tell(at, &waiting, &["payment_intent.requires_action"]);
        let session = self.visit(at, &waiting, "unpaid", None);
        let mut gift = Gift::begin(Kind::OneTime, &waiting, at);
        if let Some(paid_at) = paid_at {
            self.money.insert(waiting.id.clone(), Money::for_one(paid_at, amount, &waiting.id));
            self.pay(paid_at, &waiting);
            let paid = Object { status: "paid", ..session };
            self.tell(paid_at, &paid, &["checkout.session.async_payment_succeeded"]);
        } else {
            let failed_at = at + VOUCHER_SECONDS;
            gift.failed_at = Some(failed_at);
            self.decline(failed_at, &waiting, "payment_intent_payment_attempt_expired");
            self.tell(failed_at, &session, &["checkout.session.async_payment_failed"]);
        }
        self.keep_gift(gift);
        waiting.id
    }

    pub(super) fn begin_payment(
        &mut self,
        at: i64,
        amount: i64,
        currency: &'static str,
        invoice: Option<&Object>,
    ) -> Object {
        let payment = Object {
            status: "requires_payment_method",
            invoice: invoice.map(|it| it.id.clone()),
            ..self.new_object(ObjectKind::PaymentIntent, at, amount, currency)
        };
        self.tell(at, &payment, &["payment_intent.created"]);
        payment
    }

    /// Pays a payment, and returns its new state.
    pub(super) fn pay(&mut self, at: i64, payment: &Object) -> Object {
        let collected = payment.amount;
        let charge = Object { collected, ..self.charge(at, payment, "succeeded") };
        self.charge_came(at, &charge, collected, &["charge.succeeded"]);
        let paid = Object {
            status: "succeeded",
            reason: None,
            charge: Some(charge.id),
            collected,
            ..payment.clone()
        };
        self.tell(at, &paid, &["payment_intent.succeeded"]);
        paid
    }

    /// Fails a payment, and returns its new state.
    pub(super) fn decline(&mut self, at: i64, payment: &Object, reason: &'static str) -> Object {
        let status = "requires_payment_method";
        let declined = Object { status, reason: Some(reason), ..payment.clone() };
        self.tell(at, &declined, &["payment_intent.payment_failed"]);
        declined
    }

    pub(super) fn charge(&mut self, at: i64, payment: &Object, status: &'static str) -> Object {
        let mut charge = self.new_object(ObjectKind::Charge, at, payment.amount, payment.currency);
        if payment.method == Method::Konbini {
            charge.id = charge.id.replacen("ch_", "py_", 1);
        }
        Object {
            status,
            method: payment.method,
            payment_intent: Some(payment.id.clone()),
            invoice: payment.invoice.clone(),
            feature: payment.feature,
            ..charge
        }
    }

    /// Completes the Checkout session.
    pub(super) fn visit(
        &mut self,
        at: i64,
        payment: &Object,
        status: &'static str,
        feature: Option<Feature>,
    ) -> Object {
        let (created, amount) = (at - VISIT_SECONDS, payment.amount);
        let session = Object {
            status,
            method: payment.method,
            payment_intent: Some(payment.id.clone()),
            feature,
            ..self.new_object(ObjectKind::CheckoutSession, created, amount, payment.currency)
        };
        self.tell(at, &session, &["checkout.session.completed"]);
        session
    }
}
