//! Stories of invoices.

use super::Account;
use super::billing::Bill;
use crate::object::{Object, ObjectKind};
use crate::time::{DAY, HOUR};
use crate::truth::{Gift, Kind};

/// What a renewal is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// `in_…`
    pub invoice: String,
    /// `pi_…`
    pub payment_intent: String,
    /// `sub_…`
    pub subscription: String,
}

/// How long Stripe keeps a renewal's invoice as a draft.
const DRAFT_SECONDS: i64 = HOUR;

impl Account {
    /// A monthly gift, paid `at` that time; its invoice is an hour older, its subscription a month.
    ///
    /// `customer.subscription.updated`, `invoice.created`, `invoice.finalized`,
    /// `payment_intent.created`, `charge.succeeded`, `payment_intent.succeeded`, `invoice.updated`,
    /// `invoice.paid`, `invoice.payment_succeeded`, and from 2025-05-28.basil `invoice_payment.paid`.
    pub fn subscription_payment(
        &mut self,
        at: i64,
        amount: i64,
        currency: &'static str,
    ) -> Renewal {
        let bill = self.renew(at, amount, currency);
        let gift = Gift::begin(Kind::Recurring, &bill.invoice, at);
        self.collect(at, &bill);
        self.keep_gift(&bill.payment.id, Gift { paid_at: Some(at), ..gift });
        bill.renewal()
    }

    /// A monthly gift that the card declines `at` that time, and that is collected `paid_at`, if
    /// ever.
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
        self.keep_gift(&bill.payment.id, Gift { failed_at: Some(at), paid_at, ..gift });
        bill.renewal()
    }

    /// An invoice of no subscription that is sent, and marked as paid outside Stripe an hour later,
    /// `at` that time; its payment is canceled. The invoice's id.
    pub fn out_of_band(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let sent_at = at - DRAFT_SECONDS;
        let invoice = self.new_object(ObjectKind::Invoice, sent_at, amount, currency);
        let draft = Object { status: "draft", reason: Some("manual"), ..invoice };
        self.tell(sent_at, &draft, &["invoice.created"]);
        let bill = self.finalize(sent_at, &draft);
        let gift = Gift::begin(Kind::Invoice, &bill.invoice, sent_at);
        // Which reason Stripe gives is not written down; of its own ones this fits best.
        let reason = Some("void_invoice");
        let canceled = Object { status: "canceled", reason, paid_at: Some(at), ..bill.payment };
        self.tell(at, &canceled, &["payment_intent.canceled"]);
        self.tell(at, &Object { status: "canceled", ..bill.invoice_payment }, &[]);
        let paid = Object { status: "paid", paid_at: Some(at), ..bill.invoice };
        self.tell(at, &paid, &["invoice.updated", "invoice.paid"]);
        self.keep_gift(&paid.id, Gift { paid_at: Some(at), ..gift })
    }

    /// The invoice of a month for free, which is no donation. The invoice's id.
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
