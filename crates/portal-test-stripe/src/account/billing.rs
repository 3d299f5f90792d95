//! How an invoice is finalised and collected.

use super::{Account, Renewal};
use crate::object::{Object, ObjectKind};

/// The first version that tells of an InvoicePayment by an event.
const TELLS_INVOICE_PAYMENTS: &str = "2025-05-28";

/// An open invoice with what is to pay it.
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
        self.invoice_payments.insert(payment.id.clone(), vec![invoice_payment.id.clone()]);
        Bill { invoice, payment, invoice_payment }
    }

    pub(super) fn collect(&mut self, at: i64, bill: &Bill) {
        let charge = self.pay(at, &bill.payment).charge;
        let invoice = Object {
            status: "paid",
            charge,
            attempts: bill.invoice.attempts + 1,
            paid_at: Some(at),
            ..bill.invoice.clone()
        };
        self.tell(at, &invoice, &["invoice.updated", "invoice.paid", "invoice.payment_succeeded"]);
        let invoice_payment =
            Object { status: "paid", paid_at: Some(at), ..bill.invoice_payment.clone() };
        let told = self.api_version >= TELLS_INVOICE_PAYMENTS;
        self.tell(at, &invoice_payment, if told { &["invoice_payment.paid"] } else { &[] });
    }

    pub(super) fn subscription_is(&mut self, at: i64, invoice: &Object, status: &'static str) {
        let id = invoice.subscription.as_deref().unwrap_or_default();
        let subscription = Object { status, ..self.known(ObjectKind::Subscription, id) };
        self.tell(at, &subscription, &["customer.subscription.updated"]);
    }
}
