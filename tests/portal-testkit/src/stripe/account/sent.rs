//! Stories of sent invoices with attached payments: several to one invoice, or one to several
//! (<https://docs.stripe.com/invoicing/partial-payments>).

use super::Account;
use crate::stripe::object::{Feature, Object, ObjectKind};
use crate::stripe::truth::Money;

impl Account {
    /// Sends an invoice without a subscription at time `at`. Returns the invoice's id.
    ///
    /// `invoice.created`, `payment_intent.created`, `invoice.finalized`.
    pub fn open_invoice(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        self.send_invoice(at, amount, currency).id
    }

    /// Makes one payment at time `at` for all these invoices, each with its part: less than the
    /// amount due, all of it, or more. Returns the payment's id.
    ///
    /// `payment_intent.created`, `charge.succeeded`, `payment_intent.succeeded`; for each invoice
    /// `invoice_payment.paid` (from 2025-05-28.basil) and `invoice.updated`; for one that is paid
    /// now `payment_intent.canceled` and `invoice.paid`, and for an overpaid one
    /// `invoice.overpaid`.
    ///
    /// An attached payment names no invoice in any version. Stripe does not document this, and it
    /// is the harder case for a reader.
    pub fn pay_invoices(&mut self, at: i64, parts: &[(&str, i64)]) -> String {
        let paid = self.pay_attached(at, parts);
        for (invoice, part) in parts {
            self.pay_part(at, &paid, invoice, *part, *part);
        }
        paid.id
    }

    /// Makes one payment at time `at` of `more` than is due of that invoice. Returns the payment's
    /// id.
    ///
    /// The events of [`Self::pay_invoices`]. The link has the amount due only: Stripe does not
    /// document which of the two amounts it shows.
    pub fn overpay_invoice(&mut self, at: i64, invoice: &str, more: i64) -> String {
        let open = self.known(ObjectKind::Invoice, invoice);
        let due = open.amount - open.collected;
        let paid = self.pay_attached(at, &[(invoice, due + more)]);
        self.pay_part(at, &paid, invoice, due + more, due);
        paid.id
    }

    /// Voids an open invoice.
    ///
    /// `payment_intent.canceled`, `invoice.voided`.
    pub fn void_invoice(&mut self, invoice: &str, at: i64) {
        let open = self.known(ObjectKind::Invoice, invoice);
        self.cancel_default_payment(at, &open);
        let void = Object { status: "void", paid_at: Some(at), ..open };
        self.tell(at, &void, &["invoice.voided"]);
        self.gift(invoice).given_up_at = Some(at);
    }

    /// Marks an open invoice as uncollectible.
    ///
    /// `invoice.marked_uncollectible`.
    pub fn write_off_invoice(&mut self, invoice: &str, at: i64) {
        let open = self.known(ObjectKind::Invoice, invoice);
        let written_off = Object { status: "uncollectible", paid_at: Some(at), ..open };
        self.tell(at, &written_off, &["invoice.marked_uncollectible"]);
        self.gift(invoice).given_up_at = Some(at);
    }

    fn pay_attached(&mut self, at: i64, parts: &[(&str, i64)]) -> Object {
        let amount = parts.iter().map(|it| it.1).sum();
        let currency = parts.first().map(|(id, _)| self.known(ObjectKind::Invoice, id).currency);
        let payment = self.begin_payment(at, amount, currency.unwrap_or("jpy"), None);
        let paid = self.pay(at, &payment);
        let gifts = parts.iter().map(|(id, part)| ((*id).to_owned(), *part)).collect();
        self.money.insert(paid.id.clone(), Money::for_gifts(at, amount, gifts));
        paid
    }

    /// Attaches a part of the payment to the invoice; their link shows `told`.
    fn pay_part(&mut self, at: i64, payment: &Object, invoice: &str, part: i64, told: i64) {
        let before = self.known(ObjectKind::Invoice, invoice);
        let link = Object {
            payment_intent: Some(payment.id.clone()),
            invoice: Some(invoice.to_owned()),
            feature: Some(Feature::Attached),
            ..self.new_object(ObjectKind::InvoicePayment, at, told, payment.currency)
        };
        self.pay_link(at, &link, told);
        self.keep_link(&link);
        let after = Object { collected: before.collected + part, ..before };
        if after.collected < after.amount {
            self.tell(at, &after, &["invoice.updated"]);
            return;
        }
        self.cancel_default_payment(at, &after);
        let was_paid = after.status == "paid";
        let paid_at = after.paid_at.filter(|_| was_paid).or(Some(at));
        let paid = Object { status: "paid", paid_at, ..after };
        let types: &[_] =
            if was_paid { &["invoice.updated"] } else { &["invoice.updated", "invoice.paid"] };
        self.tell(at, &paid, types);
        if paid.collected > paid.amount {
            self.tell(at, &paid, &["invoice.overpaid"]);
        }
    }
}
