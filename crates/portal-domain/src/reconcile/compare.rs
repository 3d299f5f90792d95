//! Compares a donation as Stripe shows it with the one in the ledger.

use serde::{Deserialize, Serialize};

use crate::donation::{Donation, DonationState, Kind};
use crate::event::Event;
use crate::ids::{Currency, ObjectId};
use crate::ledger::{self, Change, Progress, Refund};
use crate::report::Difference;

/// The donation that the ledger is expected to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expected {
    pub(super) id: ObjectId,
    pub(super) kind: Kind,
    /// The state; `None` if it is no donation, because nobody decided to pay or it was canceled.
    pub(super) state: Option<DonationState>,
    /// The amount that was given or is expected, in minor units.
    pub(super) amount: i64,
    pub(super) currency: Currency,
    /// The refunded amount in minor units, if Stripe shows it along with the object.
    pub(super) refunded: Option<i64>,
}

impl Expected {
    /// Derives the donation from `observed`: an object as Stripe shows it, followed by the charge
    /// of a payment. `None` if the ledger makes no donation of it.
    pub(super) fn of(observed: &[Event]) -> Option<Self> {
        let changes = ledger::changes(observed.first()?).ok()?;
        let refunded = observed.iter().find_map(total).map(|it| it.amount);
        changes.into_iter().find_map(|change| match change {
            Change::Payment(it) => Some(Self {
                id: it.id,
                kind: Kind::OneTime,
                state: state(it.progress, it.amount),
                amount: it.amount,
                currency: it.currency,
                refunded,
            }),
            Change::Invoice(it) => Some(Self {
                id: it.id,
                kind: if it.recurring { Kind::Recurring } else { Kind::Invoice },
                // A partial payment counts as given.
                state: if it.paid > 0 {
                    Some(DonationState::Paid)
                } else {
                    state(it.progress, it.amount)
                },
                amount: if it.paid > 0 { it.paid } else { it.amount },
                currency: it.currency,
                refunded: None,
            }),
            Change::Link(_)
            | Change::Refund(_)
            | Change::Dispute(_)
            | Change::CreditNote(_)
            | Change::Payout(_) => None,
        })
    }

    /// Returns the difference from `here`, which is the donation of the same id, or the one that
    /// this payment belongs to.
    pub(super) fn differs(&self, here: Option<&Donation>) -> Option<Difference> {
        let Some(here) = here else {
            return self.state.map(|_| Difference::MissingHere);
        };
        let paid = self.state == Some(DonationState::Paid);
        if here.id != self.id {
            // The invoice itself is compared elsewhere, but may leave out an overpayment. Refunds
            // say nothing here: the invoice may have other payments, and the payment other invoices
            // that share it. The list of refunds shows missing ones.
            return (paid && self.amount > here.amount).then_some(Difference::Amount);
        }
        if self.state != Some(here.state) {
            return Some(Difference::State);
        }
        if here.kind != self.kind {
            return Some(Difference::Kind);
        }
        if !paid {
            return None;
        }
        // An invoice may leave out an overpayment, which its payments show.
        let same = match self.kind {
            Kind::OneTime => here.amount == self.amount,
            Kind::Recurring | Kind::Invoice => here.amount >= self.amount,
        };
        if !same || here.currency != self.currency {
            return Some(Difference::Amount);
        }
        // The ledger never refunds more than was given.
        if self.refunded.is_some_and(|it| it.min(self.amount) != here.refunded) {
            return Some(Difference::Refunded);
        }
        here.provisional.then_some(Difference::Provisional)
    }
}

/// True if a part of this charge's authorisation was released. Only the charge shows that, and a
/// Refund object for that part is no refund.
pub(super) fn has_released(charge: &Event) -> bool {
    total(charge).is_some_and(|it| it.released > 0)
}

/// Returns the refunded total of a charge.
fn total(charge: &Event) -> Option<Refund> {
    ledger::changes(charge).ok()?.into_iter().find_map(|change| match change {
        Change::Refund(it) => it.total.then_some(it),
        Change::Payment(_)
        | Change::Link(_)
        | Change::Invoice(_)
        | Change::CreditNote(_)
        | Change::Dispute(_)
        | Change::Payout(_) => None,
    })
}

/// An unpaid donation is one as well; an invoice of amount 0 is none.
fn state(progress: Progress, amount: i64) -> Option<DonationState> {
    let state = match progress {
        Progress::Paid => DonationState::Paid,
        Progress::Pending => DonationState::Pending,
        Progress::Failed => DonationState::Failed,
        Progress::Begun | Progress::Canceled => return None,
    };
    (amount > 0).then_some(state)
}
