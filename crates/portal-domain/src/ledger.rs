//! The ledger: the rows that events change for payments, invoices, refunds and disputes.
//!
//! An event yields [`Change`]s. Each is one row as the event saw it, with a [`Version`] that ranks
//! it among the views of that row: a store keeps the greatest. A maximum depends neither on the
//! order in which events arrive nor on repetition. A *donation* follows from the rows; no event
//! makes one.

pub(crate) mod amount;
mod credit_note;
mod dispute;
mod invoice;
mod link;
mod payment;
mod payout;
mod refund;
mod version;
mod words;

pub use credit_note::CreditNote;
pub use dispute::Dispute;
pub use invoice::Invoice;
pub use link::{Evidence, Link};
pub use payment::Payment;
pub use payout::{Payout, PayoutStatus, Reconciliation};
pub use refund::Refund;
pub use version::Version;
pub use words::unknown_words;

use amount::Lack;

use serde::Deserialize;
use strum::IntoStaticStr;

use crate::alert::{Alert, AlertChange, dispute_key};
use crate::donation::DisputeState;
use crate::event::{DeadReason, Event};
use crate::facts::Facts;

/// One row of the ledger, as one event saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Payment(Payment),
    Link(Link),
    Invoice(Invoice),
    Refund(Refund),
    /// Money that was given back outside Stripe.
    CreditNote(CreditNote),
    Dispute(Dispute),
    Payout(Payout),
}

/// The progress of a payment, an invoice or a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It exists, but nobody has decided to pay.
    Begun,
    Pending,
    Failed,
    Paid,
    /// It will not be paid, and no payment is expected.
    Canceled,
}

/// Returns the changes that `event` makes in the ledger.
///
/// # Errors
/// Returns the reason if the event is about money and lacks a fact that the ledger needs, or if an
/// amount is out of range.
pub fn changes(event: &Event) -> Result<Vec<Change>, DeadReason> {
    changes_or_lack(event).map_err(|(reason, _)| reason)
}

/// Returns the name of the first fact that is missing, or that [`changes`] cannot accept.
#[must_use]
pub fn lacking_fact(event: &Event) -> Option<&'static str> {
    changes_or_lack(event).err().map(|(_, fact)| fact)
}

fn changes_or_lack(event: &Event) -> Result<Vec<Change>, Lack> {
    match &event.facts {
        None => Ok(Vec::new()),
        Some(Facts::PaymentIntent(facts)) => payment::of_payment_intent(event, facts),
        Some(Facts::Charge(facts)) => payment::of_charge(event, facts),
        Some(Facts::InvoicePayment(facts)) => payment::of_invoice_payment(event, facts),
        Some(Facts::NoInvoice(facts)) => payment::of_no_invoice(facts),
        Some(Facts::CheckoutSession(facts)) => payment::of_checkout_session(event, facts),
        Some(Facts::Invoice(facts)) => invoice::of_invoice(event, facts),
        Some(Facts::CreditNote(facts)) => credit_note::of_credit_note(event, facts),
        Some(Facts::Refund(facts)) => refund::of_refund(event, facts),
        Some(Facts::Dispute(facts)) => dispute::of_dispute(event, facts),
        Some(Facts::Payout(facts)) => payout::of_payout(event, facts),
        // A subscription is only a promise; each of its donations comes with an invoice.
        Some(Facts::Subscription(_)) => Ok(Vec::new()),
    }
}

impl Progress {
    /// Returns the rank of the progress, which decides between two views of the same second.
    fn step(self) -> u8 {
        match self {
            Self::Begun => 0,
            Self::Pending => 1,
            Self::Failed => 2,
            Self::Paid | Self::Canceled => 3,
        }
    }
}

impl Change {
    /// Returns the alert change for the operators if this change is new to the ledger.
    #[must_use]
    pub fn alerts(&self) -> Vec<AlertChange> {
        match self {
            Self::Dispute(dispute) => [DisputeState::Inquiry, DisputeState::Open]
                .map(|state| {
                    if dispute.state == Some(state) {
                        AlertChange::Raise(dispute.alert(state))
                    } else {
                        AlertChange::Resolve(dispute_key(&dispute.id, state))
                    }
                })
                .into(),
            Self::Refund(refund) if refund.progress == Progress::Failed => {
                vec![AlertChange::Raise(Alert::RefundFailed {
                    refund: refund.id.clone(),
                    payment: refund.payment.clone(),
                    amount: refund.amount,
                    currency: refund.currency.clone(),
                    livemode: refund.livemode,
                })]
            }
            Self::Payout(payout) => payout.failed().map(AlertChange::Raise).into_iter().collect(),
            Self::Refund(_)
            | Self::Payment(_)
            | Self::Link(_)
            | Self::Invoice(_)
            | Self::CreditNote(_) => Vec::new(),
        }
    }
}

named!(Progress);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{changes, lacking_fact};
    use crate::entry::Entry;
    use crate::event::{DeadReason, Event};
    use crate::facts::FactsKind;
    use crate::time::UnixSeconds;

    fn event(kind: FactsKind, facts: &Value) -> Event {
        let facts = Some(kind.read(&facts.to_string()).unwrap());
        Event { facts, ..Entry::probe(UnixSeconds::default()).unwrap().event().clone() }
    }

    /// Returns a minimal object of each kind, with the keys that the ledger requires.
    fn needs() -> [(FactsKind, Value, &'static [&'static str]); 10] {
        [
            (
                FactsKind::PaymentIntent,
                json!({ "id": "pi_1", "status": "succeeded", "amount": 5, "currency": "jpy" }),
                &["id", "status", "amount", "currency"],
            ),
            (
                FactsKind::Charge,
                json!({ "id": "ch_1", "status": "succeeded", "amount": 5, "currency": "jpy" }),
                &["id", "status", "amount", "currency"],
            ),
            (
                FactsKind::Invoice,
                json!({ "id": "in_1", "status": "paid", "amount_paid": 5, "currency": "jpy" }),
                &["id", "status", "amount_paid", "currency"],
            ),
            (
                FactsKind::InvoicePayment,
                json!({
                    "invoice": "in_1", "payment": { "payment_intent": "pi_1" }, "status": "paid",
                    "amount_paid": 5, "currency": "jpy",
                }),
                &["invoice", "amount_paid", "currency"],
            ),
            (FactsKind::NoInvoice, json!({ "id": "pi_1" }), &["id"]),
            (
                FactsKind::CheckoutSession,
                json!({
                    "payment_intent": "pi_1", "payment_status": "paid", "amount_total": 5,
                    "currency": "jpy",
                }),
                &["amount_total", "currency"],
            ),
            (
                FactsKind::CreditNote,
                json!({ "id": "cn_1", "invoice": "in_1", "out_of_band_amount": 5 }),
                &["id", "invoice"],
            ),
            (
                FactsKind::Refund,
                json!({
                    "id": "re_1", "payment_intent": "pi_1", "status": "pending", "amount": 5,
                    "currency": "jpy",
                }),
                &["id", "amount", "currency"],
            ),
            (
                FactsKind::Dispute,
                json!({
                    "id": "du_1", "payment_intent": "pi_1", "status": "lost", "amount": 5,
                    "currency": "jpy",
                }),
                &["id", "payment_intent", "status", "amount", "currency"],
            ),
            (
                FactsKind::Payout,
                json!({
                    "id": "po_1", "status": "paid", "amount": 5, "currency": "jpy",
                    "automatic": true, "created": 7, "arrival_date": 8,
                }),
                &["id", "status", "amount", "currency", "automatic", "created", "arrival_date"],
            ),
        ]
    }

    /// Asserts that [`changes`] refuses these facts for `reason`, because of `key`.
    fn is_refused(kind: FactsKind, facts: &Value, reason: DeadReason, key: &str) {
        let event = event(kind, facts);
        assert_eq!(changes(&event), Err(reason), "{facts}");
        let fact = lacking_fact(&event).unwrap();
        assert!(fact.split(" or ").any(|it| it == key), "{fact} is named for {key} in {facts}");
    }

    #[test]
    fn the_fact_that_an_event_lacks_is_named() {
        for (kind, whole, keys) in needs() {
            let told = event(kind, &whole);
            assert!(changes(&told).is_ok_and(|it| !it.is_empty()), "{whole}");
            assert_eq!(lacking_fact(&told), None);
            for key in keys {
                let mut without = whole.clone();
                without.as_object_mut().unwrap().remove(*key);
                is_refused(kind, &without, DeadReason::FactsMissing, key);
            }
        }
    }

    #[test]
    fn an_amount_that_is_out_of_range_is_named() {
        for (kind, mut whole, keys) in needs() {
            // A charge also carries the sum of its refunds.
            let refunded = (kind == FactsKind::Charge).then_some(&"amount_refunded");
            for key in keys.iter().filter(|it| it.starts_with("amount")).chain(refunded) {
                // Stripe may take money from the bank account.
                let below = if kind == FactsKind::Payout { -1_000_000_000_000 } else { -1 };
                for amount in [below, 1_000_000_000_000_i64] {
                    whole[*key] = json!(amount);
                    is_refused(kind, &whole, DeadReason::AmountOutOfRange, key);
                }
                whole[*key] = json!(5);
            }
        }
    }

    #[test]
    fn an_event_without_facts_lacks_none() {
        let event = event(FactsKind::Subscription, &json!({}));
        assert_eq!((changes(&event), lacking_fact(&event)), (Ok(Vec::new()), None));
        let without = Event { facts: None, ..event };
        assert_eq!((changes(&without), lacking_fact(&without)), (Ok(Vec::new()), None));
    }
}
