//! Stories of money that is returned without a charge: outside Stripe, or from a customer's
//! balance.

use super::Account;
use crate::stripe::object::{Feature, Object, ObjectKind};

impl Account {
    /// Returns, outside Stripe, a part of an invoice that was paid outside Stripe. Returns the
    /// credit note's id
    /// (<https://docs.stripe.com/invoicing/integration/programmatic-credit-notes>).
    ///
    /// `credit_note.created`.
    pub fn credit_out_of_band(&mut self, invoice: &str, at: i64, amount: i64) -> String {
        let currency = self.known(ObjectKind::Invoice, invoice).currency;
        let note = Object {
            status: "issued",
            invoice: Some(invoice.to_owned()),
            ..self.new_object(ObjectKind::CreditNote, at, amount, currency)
        };
        self.tell(at, &note, &["credit_note.created"]);
        self.money(invoice).returned.push((at, amount));
        note.id
    }

    /// Voids a credit note that was a mistake; no money was returned.
    ///
    /// `credit_note.voided`.
    pub fn void_credit_note(&mut self, note: &str, at: i64) {
        let issued = self.known(ObjectKind::CreditNote, note);
        let invoice = issued.invoice.clone().unwrap_or_default();
        self.money(&invoice).returned.push((at, -issued.amount));
        let void = Object { status: "void", paid_at: Some(at), ..issued };
        self.tell(at, &void, &["credit_note.voided"]);
    }

    /// Refunds a customer's cash balance, which was never a payment. Returns the refund's id
    /// (<https://docs.stripe.com/payments/customer-balance/refunding>).
    ///
    /// `refund.created`.
    pub fn refund_cash_balance(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let refund = self.new_object(ObjectKind::Refund, at, amount, currency);
        let refund = Object { status: "succeeded", ..refund };
        self.tell(at, &refund, &["refund.created"]);
        refund.id
    }

    /// Refunds a part or all of a payment to the customer's cash balance, not to the bank. Returns
    /// the refund's id.
    ///
    /// `charge.refunded`, `refund.created`.
    pub fn refund_to_cash_balance(&mut self, payment: &str, at: i64, amount: i64) -> String {
        self.refund_with(payment, at, amount, Some(Feature::ToCashBalance))
    }

    /// Moves an unclaimed refund to the customer's cash balance, not back to the account. Stripe
    /// does not document that the charge continues to count it.
    ///
    /// `refund.updated`.
    pub fn end_in_cash_balance(&mut self, refund: &str, at: i64) {
        let sent = self.known(ObjectKind::Refund, refund);
        let feature = Some(Feature::ToCashBalance);
        let canceled = Object { status: "canceled", feature, ..sent };
        self.tell(at, &canceled, &["refund.updated"]);
    }
}
