//! The payment and the invoice that an object names beside itself; events can be found by them.

use super::invoice_payment::Payment;
use super::{Dispute, Facts, Invoice, InvoicePayment, Refund};
use crate::ids::ObjectId;

impl Facts {
    /// Returns the payment that the object names, by the ledger's id of it.
    #[must_use]
    pub fn payment(&self) -> Option<&ObjectId> {
        match self {
            Self::Charge(it) => it.payment_intent.get(),
            Self::Invoice(it) => it.payment(),
            Self::InvoicePayment(it) => it.payment(),
            Self::CheckoutSession(it) => it.payment_intent.get(),
            Self::Refund(it) => it.payment(),
            Self::Dispute(it) => it.payment(),
            Self::PaymentIntent(_)
            | Self::NoInvoice(_)
            | Self::CreditNote(_)
            | Self::Subscription(_)
            | Self::Payout(_) => None,
        }
    }

    /// Returns the invoice that the object names. Those of a payment, a charge and an
    /// InvoicePayment are left out because the ledger has them, and a subscription's
    /// `latest_invoice` because it stays the same until the next invoice, whatever the event is
    /// about.
    #[must_use]
    pub fn invoice(&self) -> Option<&ObjectId> {
        match self {
            Self::CheckoutSession(it) => it.invoice.get(),
            Self::CreditNote(it) => it.invoice.get(),
            Self::PaymentIntent(_)
            | Self::Charge(_)
            | Self::Invoice(_)
            | Self::InvoicePayment(_)
            | Self::NoInvoice(_)
            | Self::Refund(_)
            | Self::Dispute(_)
            | Self::Subscription(_)
            | Self::Payout(_) => None,
        }
    }
}

/// The ledger identifies a payment by its PaymentIntent, or by its charge if there is none.
macro_rules! payment {
    ($($kind:ident)*) => {$(
        impl $kind {
            /// Returns the payment that the object is about, by the ledger's id of it.
            #[must_use]
            pub fn payment(&self) -> Option<&ObjectId> {
                self.payment_intent.get().or_else(|| self.charge.get())
            }
        }
    )*};
}

payment! { Invoice Refund Dispute Payment }

impl InvoicePayment {
    /// Returns the payment that pays; `None` if the money was paid outside Stripe.
    #[must_use]
    pub fn payment(&self) -> Option<&ObjectId> {
        self.payment.get()?.payment()
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::FactsKind;

    /// Returns the payment and the invoice that an object of that kind names.
    fn named(kind: FactsKind, object: &str) -> (Option<String>, Option<String>) {
        let facts = kind.read(object).unwrap();
        let text = |id: Option<&crate::ids::ObjectId>| id.map(ToString::to_string);
        (text(facts.payment()), text(facts.invoice()))
    }

    #[test]
    fn an_object_names_its_payment_and_its_invoice_and_never_itself() {
        const FLAT: &str = r#"{"id":"it_1","payment_intent":"pi_1","charge":"ch_1",
            "invoice":"in_1","latest_charge":"ch_2","latest_invoice":"in_2"}"#;
        const NESTED: &str = r#"{"id":"inpay_1","invoice":"in_1",
            "payment":{"payment_intent":"pi_1","charge":"ch_1"}}"#;
        for (kind, object, payment, invoice) in [
            (FactsKind::PaymentIntent, FLAT, false, false),
            (FactsKind::Charge, FLAT, true, false),
            (FactsKind::Invoice, FLAT, true, false),
            (FactsKind::InvoicePayment, NESTED, true, false),
            (FactsKind::NoInvoice, FLAT, false, false),
            (FactsKind::CheckoutSession, FLAT, true, true),
            (FactsKind::CreditNote, FLAT, false, true),
            (FactsKind::Refund, FLAT, true, false),
            (FactsKind::Dispute, FLAT, true, false),
            (FactsKind::Subscription, FLAT, false, false),
        ] {
            let due = (payment.then(|| "pi_1".to_owned()), invoice.then(|| "in_1".to_owned()));
            assert_eq!(named(kind, object), due, "{kind:?}");
        }
    }

    #[test]
    fn an_object_of_a_charge_without_a_payment_intent_has_the_charge_as_its_payment() {
        const FLAT: &str = r#"{"id":"it_1","payment_intent":null,"charge":"ch_1"}"#;
        const NESTED: &str = r#"{"id":"inpay_1","payment":{"charge":"ch_1"}}"#;
        for (kind, object, payment) in [
            (FactsKind::Invoice, FLAT, Some("ch_1")),
            (FactsKind::InvoicePayment, NESTED, Some("ch_1")),
            (FactsKind::Refund, FLAT, Some("ch_1")),
            (FactsKind::Dispute, FLAT, Some("ch_1")),
            (FactsKind::CheckoutSession, FLAT, None),
            (FactsKind::Charge, FLAT, None),
        ] {
            assert_eq!(named(kind, object), (payment.map(str::to_owned), None), "{kind:?}");
        }
    }
}
