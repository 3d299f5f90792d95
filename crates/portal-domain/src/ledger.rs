//! The ledger: what each event says about payments, invoices, refunds and disputes.
//!
//! An event yields [`Change`]s. Each is one row as the event saw it, and carries how firmly it
//! stands against other views of the same row: a store keeps the firmest. That is a maximum, so the
//! order in which events arrive does not matter, nor does how often. What a *donation* is follows
//! from the rows; no event makes one.

mod amount;
mod dispute;
mod invoice;
mod payment;
mod refund;
mod version;

pub use dispute::Dispute;
pub use invoice::Invoice;
pub use payment::{Evidence, Link, Payment};
pub use refund::Refund;
pub use version::Version;

use crate::alert::{Alert, AlertChange, dispute_key};
use crate::donation::DisputeState;
use crate::event::{DeadReason, Event};
use crate::facts::Facts;

/// One row of the ledger, as one event saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// How far a payment has come.
    Payment(Payment),
    /// Which invoice a payment belongs to, if any.
    Link(Link),
    /// How far an invoice has come.
    Invoice(Invoice),
    /// What went back to the donor.
    Refund(Refund),
    /// What a donor's bank contests.
    Dispute(Dispute),
}

/// How far a payment or an invoice has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Progress {
    /// It exists; nobody has decided to pay.
    Begun,
    /// The money is on its way.
    Pending,
    /// The last attempt failed.
    Failed,
    /// The money is there.
    Paid,
    /// It will not be paid, and nobody waits for it.
    Canceled,
}

/// What `event` changes in the ledger.
///
/// # Errors
/// Where the event tells about money and lacks what the ledger needs to know of it.
pub fn changes(event: &Event) -> Result<Vec<Change>, DeadReason> {
    match &event.facts {
        None => Ok(Vec::new()),
        Some(Facts::PaymentIntent(facts)) => payment::of_payment_intent(event, facts),
        Some(Facts::Charge(facts)) => payment::of_charge(event, facts),
        Some(Facts::InvoicePayment(facts)) => payment::of_invoice_payment(event, facts),
        Some(Facts::NoInvoice(facts)) => payment::of_no_invoice(facts),
        Some(Facts::CheckoutSession(facts)) => payment::of_checkout_session(event, facts),
        Some(Facts::Invoice(facts)) => invoice::of_invoice(event, facts),
        Some(Facts::Refund(facts)) => refund::of_refund(event, facts),
        Some(Facts::Dispute(facts)) => dispute::of_dispute(event, facts),
        // A subscription is a promise; each gift comes with its invoice.
        Some(Facts::Subscription(_)) => Ok(Vec::new()),
    }
}

impl Change {
    /// What an operator is told where this change is news to the ledger.
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
            Self::Refund(_) | Self::Payment(_) | Self::Link(_) | Self::Invoice(_) => Vec::new(),
        }
    }
}

impl Progress {
    /// The name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Paid => "paid",
            Self::Canceled => "canceled",
        }
    }
}
