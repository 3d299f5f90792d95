//! Stories of money that goes back without a charge: outside Stripe, or out of a customer's balance.

use super::Account;
use crate::object::{Feature, Object, ObjectKind};

impl Account {
    /// So much of an invoice that was paid outside Stripe is given back outside Stripe. The credit
    /// note's id (<https://docs.stripe.com/invoicing/integration/programmatic-credit-notes>).
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

    /// The credit note was a mistake, and nothing was given back.
    ///
    /// `credit_note.voided`.
    pub fn void_credit_note(&mut self, note: &str, at: i64) {
        let issued = self.known(ObjectKind::CreditNote, note);
        let invoice = issued.invoice.clone().unwrap_or_default();
        self.money(&invoice).returned.push((at, -issued.amount));
        let void = Object { status: "void", paid_at: Some(at), ..issued };
        self.tell(at, &void, &["credit_note.voided"]);
    }

    /// What lies in a customer's cash balance goes back, which was never a payment. The refund's id
    /// (<https://docs.stripe.com/payments/customer-balance/refunding>).
    ///
    /// `refund.created`.
    pub fn refund_cash_balance(&mut self, at: i64, amount: i64, currency: &'static str) -> String {
        let refund = self.new_object(ObjectKind::Refund, at, amount, currency);
        let refund = Object { status: "succeeded", ..refund };
        self.tell(at, &refund, &["refund.created"]);
        refund.id
    }

    /// Part or all of a payment goes to the customer's cash balance, and not back to the account. The
    /// refund's id.
    ///
    /// `charge.refunded`, `refund.created`.
    pub fn refund_to_cash_balance(&mut self, payment: &str, at: i64, amount: i64) -> String {
        self.refund_with(payment, at, amount, Some(Feature::ToCashBalance))
    }

    /// Nobody took what a refund sent, and it lies in the customer's cash balance now; not in the
    /// account's. That the charge goes on to count it is not written down.
    ///
    /// `refund.updated`.
    pub fn end_in_cash_balance(&mut self, refund: &str, at: i64) {
        let sent = self.known(ObjectKind::Refund, refund);
        let feature = Some(Feature::ToCashBalance);
        let canceled = Object { status: "canceled", feature, ..sent };
        self.tell(at, &canceled, &["refund.updated"]);
    }
}
