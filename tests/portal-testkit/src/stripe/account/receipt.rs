//! The story of a Checkout session that creates an invoice as a receipt
//! (<https://docs.stripe.com/payments/checkout/post-payment-invoices>).

use super::Account;
use super::once::VISIT_SECONDS;
use crate::stripe::object::{Feature, Object, ObjectKind};
use crate::stripe::truth::{Gift, Kind, Money};

/// The objects of a session that creates an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// `in_…`
    pub invoice: String,
    /// `pi_…`
    pub payment_intent: String,
}

impl Account {
    /// Makes a donation by card through Checkout with `invoice_creation`, paid at time `at`; the
    /// invoice follows `later` seconds after it. Until then the session names none.
    ///
    /// The events of [`Self::one_time`], then `invoice.created`, `invoice.finalized`,
    /// `invoice.paid`, `invoice.payment_succeeded`, and from 2025-05-28.basil
    /// `invoice_payment.paid`.
    pub fn one_time_with_receipt(
        &mut self,
        at: i64,
        later: i64,
        amount: i64,
        currency: &'static str,
    ) -> Receipt {
        let begun = self.begin_payment(at - VISIT_SECONDS, amount, currency, None);
        let paid = self.pay(at, &begun);
        let session = self.visit(at, &paid, "paid", Some(Feature::InvoiceCreation));
        let made_at = at + later;
        let invoice = Object {
            status: "paid",
            reason: Some("manual"),
            payment_intent: Some(paid.id.clone()),
            charge: paid.charge.clone(),
            collected: amount,
            paid_at: Some(made_at),
            ..self.new_object(ObjectKind::Invoice, made_at, amount, currency)
        };
        let types =
            ["invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded"];
        self.tell(made_at, &invoice, &types);
        let link = Object {
            payment_intent: Some(paid.id.clone()),
            invoice: Some(invoice.id.clone()),
            ..self.new_object(ObjectKind::InvoicePayment, made_at, amount, currency)
        };
        self.pay_link(made_at, &link, amount);
        self.keep_link(&link);
        let named = Some(invoice.id.clone());
        self.tell(made_at, &Object { invoice: named.clone(), ..paid.clone() }, &[]);
        self.tell(made_at, &Object { invoice: named, ..session }, &[]);
        self.keep_gift(Gift::begin(Kind::Invoice, &invoice, at));
        self.money.insert(paid.id.clone(), Money::for_one(at, amount, &invoice.id));
        Receipt { invoice: invoice.id, payment_intent: paid.id }
    }
}
