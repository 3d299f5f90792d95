//! Finalization and collection of invoices.

use super::Account;
use crate::stripe::object::{Object, ObjectKind};
use crate::stripe::truth::{Gift, Kind, Money};

/// The first version with events about `InvoicePayment`s.
const TELLS_INVOICE_PAYMENTS: &str = "2025-05-28";

/// The objects of a renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// `in_…`
    pub invoice: String,
    /// `pi_…`
    pub payment_intent: String,
    /// `sub_…`
    pub subscription: String,
}

/// An open invoice with the objects that are to pay it.
pub(super) struct Bill {
    pub(super) invoice: Object,
    pub(super) payment: Object,
    pub(super) invoice_payment: Object,
}

impl Bill {
    pub(super) fn renewal(&self) -> Renewal {
        Renewal {
            invoice: self.invoice.id.clone(),
            payment_intent: self.payment.id.clone(),
            subscription: self.invoice.subscription.clone().unwrap_or_default(),
        }
    }
}

impl Account {
    pub(super) fn finalize(&mut self, at: i64, draft: &Object) -> Bill {
        let payment = self.begin_payment(at, draft.amount, draft.currency, Some(draft));
        let invoice =
            Object { status: "open", payment_intent: Some(payment.id.clone()), ..draft.clone() };
        self.tell(at, &invoice, &["invoice.finalized"]);
        let invoice_payment = Object {
            status: "open",
            payment_intent: Some(payment.id.clone()),
            invoice: Some(invoice.id.clone()),
            ..self.new_object(ObjectKind::InvoicePayment, at, invoice.amount, invoice.currency)
        };
        self.tell(at, &invoice_payment, &[]);
        self.keep_link(&invoice_payment);
        Bill { invoice, payment, invoice_payment }
    }

    pub(super) fn collect(&mut self, at: i64, bill: &Bill) {
        let charge = self.pay(at, &bill.payment).charge;
        let invoice = Object {
            status: "paid",
            charge,
            attempts: bill.invoice.attempts + 1,
            collected: bill.invoice.amount,
            paid_at: Some(at),
            ..bill.invoice.clone()
        };
        self.tell(at, &invoice, &["invoice.updated", "invoice.paid", "invoice.payment_succeeded"]);
        self.pay_link(at, &bill.invoice_payment, bill.invoice_payment.amount);
        let money = Money::for_one(at, bill.payment.amount, &bill.invoice.id);
        self.money.insert(bill.payment.id.clone(), money);
    }

    /// Sends an open invoice without a subscription, and returns its state.
    pub(super) fn send_invoice(&mut self, at: i64, amount: i64, currency: &'static str) -> Object {
        let invoice = self.new_object(ObjectKind::Invoice, at, amount, currency);
        let draft = Object { status: "draft", reason: Some("manual"), ..invoice };
        self.tell(at, &draft, &["invoice.created"]);
        let invoice = self.finalize(at, &draft).invoice;
        self.keep_gift(Gift::begin(Kind::Invoice, &invoice, at));
        invoice
    }

    /// Cancels the payment that Stripe made for an invoice and that is no longer needed.
    pub(super) fn cancel_default_payment(&mut self, at: i64, invoice: &Object) {
        let payment = invoice.payment_intent.as_deref().unwrap_or_default();
        let payment = self.known(ObjectKind::PaymentIntent, payment);
        if matches!(payment.status, "canceled" | "succeeded") {
            return;
        }
        // Stripe does not document its reason here; of its reasons this one fits best.
        let reason = Some("void_invoice");
        let canceled = Object { status: "canceled", reason, paid_at: Some(at), ..payment };
        self.tell(at, &canceled, &["payment_intent.canceled"]);
        let links = self.invoice_payments.get(&canceled.id).cloned().unwrap_or_default();
        for link in links {
            let link = self.known(ObjectKind::InvoicePayment, &link);
            self.tell(at, &Object { status: "canceled", paid_at: Some(at), ..link }, &[]);
        }
    }

    /// Pays a part of the invoice with the payment that the link names.
    pub(super) fn pay_link(&mut self, at: i64, link: &Object, collected: i64) {
        let paid = Object { status: "paid", collected, paid_at: Some(at), ..link.clone() };
        let told = self.api_version >= TELLS_INVOICE_PAYMENTS;
        self.tell(at, &paid, if told { &["invoice_payment.paid"] } else { &[] });
    }

    pub(super) fn keep_link(&mut self, link: &Object) {
        let payment = link.payment_intent.clone().unwrap_or_default();
        self.invoice_payments.entry(payment).or_default().push(link.id.clone());
    }

    pub(super) fn subscription_is(&mut self, at: i64, invoice: &Object, status: &'static str) {
        let id = invoice.subscription.as_deref().unwrap_or_default();
        let subscription = Object { status, ..self.known(ObjectKind::Subscription, id) };
        self.tell(at, &subscription, &["customer.subscription.updated"]);
    }
}
