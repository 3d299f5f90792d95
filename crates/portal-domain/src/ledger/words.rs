//! The known words of the fields that the ledger reads.
//!
//! Stripe adds words with new API versions, and old versions have others. An unknown word decides
//! nothing, and the operator is informed of it once by a log line.

use crate::facts::Facts;
use crate::ids::EnumWord;
use crate::lenient::Lenient;

/// A field's name, its value, and the known words.
type Word<'f> = (&'static str, &'f Lenient<EnumWord>, &'static [&'static str]);

/// Returns the names of the object's fields whose word the ledger does not know.
pub fn unknown_words(facts: &Facts) -> impl Iterator<Item = &'static str> {
    let unknown = |(field, said, known): Word<'_>| {
        said.get().is_some_and(|it| !known.contains(&it.as_str())).then_some(field)
    };
    words(facts).into_iter().flatten().filter_map(unknown)
}

fn words(facts: &Facts) -> [Option<Word<'_>>; 2] {
    match facts {
        Facts::PaymentIntent(it) => [Some(("status", &it.status, PAYMENT_INTENT)), None],
        Facts::Charge(it) => [Some(("status", &it.status, CHARGE)), None],
        Facts::Invoice(it) => [Some(("status", &it.status, INVOICE)), None],
        Facts::InvoicePayment(it) => [Some(("status", &it.status, INVOICE_PAYMENT)), None],
        Facts::CheckoutSession(it) => [
            Some(("status", &it.status, SESSION)),
            Some(("payment_status", &it.payment_status, SESSION_PAYMENT)),
        ],
        Facts::CreditNote(it) => [Some(("status", &it.status, CREDIT_NOTE)), None],
        Facts::Refund(it) => [Some(("status", &it.status, REFUND)), None],
        Facts::Dispute(it) => [Some(("status", &it.status, DISPUTE)), None],
        Facts::Payout(it) => [Some(("status", &it.status, PAYOUT)), None],
        Facts::NoInvoice(_) | Facts::Subscription(_) => [None, None],
    }
}

/// `requires_source` and `requires_source_action` belong to versions before 2019-02-11
/// (<https://docs.stripe.com/changelog/2019-02-11>).
const PAYMENT_INTENT: &[&str] = &[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "requires_capture",
    "canceled",
    "succeeded",
    "requires_source",
    "requires_source_action",
];

/// `paid` belongs to versions before 2015-02-18.
const CHARGE: &[&str] = &["succeeded", "pending", "failed", "paid"];

const INVOICE: &[&str] = &["draft", "open", "paid", "uncollectible", "void"];

const INVOICE_PAYMENT: &[&str] = &["open", "paid", "canceled"];

const SESSION: &[&str] = &["open", "complete", "expired"];

const SESSION_PAYMENT: &[&str] = &["paid", "unpaid", "no_payment_required"];

const CREDIT_NOTE: &[&str] = &["issued", "void"];

const REFUND: &[&str] = &["pending", "requires_action", "succeeded", "failed", "canceled"];

/// `charge_refunded` belongs to versions before 2014-11-20.
const DISPUTE: &[&str] = &[
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "won",
    "lost",
    "prevented",
    "charge_refunded",
    "appeal_needs_response",
    "appeal_under_review",
];

const PAYOUT: &[&str] = &["pending", "in_transit", "paid", "failed", "canceled"];

#[cfg(test)]
mod tests {
    use super::unknown_words;
    use crate::facts::FactsKind;

    fn unknown_of(kind: FactsKind, object: &str) -> Vec<&'static str> {
        unknown_words(&kind.read(object).unwrap()).collect()
    }

    #[test]
    fn a_word_that_is_known_or_not_said_is_not_named() {
        for object in ["{}", r#"{"status":null}"#, r#"{"status":"succeeded"}"#] {
            assert!(unknown_of(FactsKind::PaymentIntent, object).is_empty(), "{object}");
        }
        assert!(unknown_of(FactsKind::Subscription, r#"{"status":"new"}"#).is_empty());
    }

    #[test]
    fn a_word_that_is_not_known_is_named_by_its_field() {
        for kind in [
            FactsKind::PaymentIntent,
            FactsKind::Charge,
            FactsKind::Invoice,
            FactsKind::InvoicePayment,
            FactsKind::CheckoutSession,
            FactsKind::CreditNote,
            FactsKind::Refund,
            FactsKind::Dispute,
            FactsKind::Payout,
        ] {
            assert_eq!(unknown_of(kind, r#"{"status":"pondered"}"#), ["status"], "{kind:?}");
        }
        let both = r#"{"status":"new","payment_status":"new"}"#;
        assert_eq!(unknown_of(FactsKind::CheckoutSession, both), ["status", "payment_status"]);
    }
}
