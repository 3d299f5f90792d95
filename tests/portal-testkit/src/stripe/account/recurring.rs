//! Stories of invoices.

use super::Account;
use super::billing::{Bill, Renewal};
use crate::stripe::object::{Feature, Object, ObjectKind};
use crate::stripe::time::{DAY, HOUR};
use crate::stripe::truth::{Gift, Kind, Money};

/// The seconds for which Stripe keeps a renewal's invoice as a draft.
const DRAFT_SECONDS: i64 = HOUR;

impl Account {
    /// Makes a monthly donation, paid at time `at`; its invoice is an hour older, its subscription
    /// a month.
    ///
    /// `customer.subscription.updated`, `invoice.created`, `invoice.finalized`,
    /// `payment_intent.created`, `charge.succeeded`, `payment_intent.succeeded`, `invoice.updated`,
    /// `invoice.paid`, `invoice.payment_succeeded`, and from 2025-05-28.basil
    /// `invoice_payment.paid`.
    pub fn subscription_payment(
        &mut self,
        at: i64,
        amount: i64,
        currency: &'static str,
    ) -> Renewal {
        let bill = self.renew(at, amount, currency);
        self.keep_gift(Gift::begin(Kind::Recurring, &bill.invoice, at));
        self.collect(at, &bill);
        bill.renewal()
    }

    /// Makes a monthly donation that the card declines at time `at`, and that is collected at
    /// `paid_at`, if that is set.
    ///
    /// `charge.failed`, `payment_intent.payment_failed`, `invoice.payment_failed`,
    /// `customer.subscription.updated`, and later those of a payment.
    pub fn failed_renewal(
        &mut self,
        at: i64,
        paid_at: Option<i64>,
        amount: i64,
        currency: &'static str,
    ) -> Renewal {
        let mut bill = self.renew(at, amount, currency);
        let gift = Gift::begin(Kind::Recurring, &bill.invoice, at);
        let charge =
            Object { reason: Some("card_declined"), ..self.charge(at, &bill.payment, "failed") };
        self.tell(at, &charge, &["charge.failed"]);
        bill.payment.charge = Some(charge.id);
        bill.payment = self.decline(at, &bill.payment, "card_declined");
        bill.invoice.attempts = 1;
        self.tell(at, &bill.invoice, &["invoice.payment_failed"]);
        self.subscription_is(at, &bill.invoice, "past_due");
        if let Some(paid_at) = paid_at {
            self.collect(paid_at, &bill);
            self.subscription_is(paid_at, &bill.invoice, "active");
        }
        self.keep_gift(Gift { failed_at: Some(at), ..gift });
        bill.renewal()
    }

    /// Sends an invoice without a subscription, and marks it as paid outside Stripe an hour later,
    /// at time `at`; its payment is canceled. Returns the invoice's id.
    pub fn out_of_band(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let invoice = self.send_invoice(at - DRAFT_SECONDS, amount, currency);
        self.cancel_default_payment(at, &invoice);
        let paid = Object {
            status: "paid",
            collected: amount,
            paid_at: Some(at),
            feature: Some(Feature::PaidOutOfBand),
            ..invoice
        };
        self.tell(at, &paid, &["invoice.updated", "invoice.paid"]);
        let money = Money { out_of_band: true, ..Money::for_one(at, amount, &paid.id) };
        self.money.insert(paid.id.clone(), money);
        paid.id
    }

    /// Makes the invoice of a free month, which is no donation. Returns the invoice's id.
    ///
    /// `invoice.created`, `invoice.finalized`, `invoice.paid`, `invoice.payment_succeeded`.
    pub fn zero_invoice(&mut self, at: i64, currency: &'static str) -> String {
        let subscription = self.subscription(at, at, 0, currency);
        let invoice = Object {
            status: "paid",
            reason: Some("subscription_create"),
            subscription: Some(subscription.id),
            paid_at: Some(at),
            ..self.new_object(ObjectKind::Invoice, at, 0, currency)
        };
        let types =
            ["invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"];
        self.tell(at, &invoice, &types);
        invoice.id
    }

    fn renew(&mut self, at: i64, amount: i64, currency: &'static str) -> Bill {
        let drafted_at = at - DRAFT_SECONDS;
        let subscription = self.subscription(drafted_at - 30 * DAY, drafted_at, amount, currency);
        let draft = Object {
            status: "draft",
            reason: Some("subscription_cycle"),
            subscription: Some(subscription.id),
            ..self.new_object(ObjectKind::Invoice, drafted_at, amount, currency)
        };
        self.tell(drafted_at, &draft, &["invoice.created"]);
        self.finalize(at, &draft)
    }

    fn subscription(
        &mut self,
        created: i64,
        at: i64,
        amount: i64,
        currency: &'static str,
    ) -> Object {
        let made = self.new_object(ObjectKind::Subscription, created, amount, currency);
        let active = Object { status: "active", ..made };
        self.tell(created, &active, &[]);
        self.tell(at, &active, &["customer.subscription.updated"]);
        active
    }
}
