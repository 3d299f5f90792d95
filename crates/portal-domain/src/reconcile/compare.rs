//! A donation as Stripe shows it, against the one in the ledger.

use serde::{Deserialize, Serialize};

use crate::donation::{Donation, DonationState, Kind};
use crate::event::Event;
use crate::ids::{Currency, ObjectId};
use crate::ledger::{self, Change, Progress, Refund};
use crate::report::Difference;

/// What the ledger is due to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expected {
    /// The payment or the invoice.
    pub(super) id: ObjectId,
    /// Once or repeatedly.
    pub(super) kind: Kind,
    /// How far it has come; `None` where it is no donation: nobody has decided to pay, or it was
    /// given up.
    pub(super) state: Option<DonationState>,
    /// What was given, or is to be given, in minor units.
    pub(super) amount: i64,
    /// Currency of the amount.
    pub(super) currency: Currency,
    /// What went back, in minor units, where Stripe shows it along with the object.
    pub(super) refunded: Option<i64>,
}

impl Expected {
    /// What follows from `observed`: an object as Stripe shows it, and a payment's charge after it;
    /// `None` where the ledger makes nothing of the object.
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
                // What was paid of it is given, whether it came to all or not.
                state: if it.paid > 0 {
                    Some(DonationState::Paid)
                } else {
                    state(it.progress, it.amount)
                },
                amount: if it.paid > 0 { it.paid } else { it.amount },
                currency: it.currency,
                refunded: None,
            }),
            Change::Link(_) | Change::Refund(_) | Change::Dispute(_) | Change::CreditNote(_) => {
                None
            }
        })
    }

    /// What differs, if anything, from `here`: the donation of that id, or the one that this payment
    /// belongs to.
    pub(super) fn differs(&self, here: Option<&Donation>) -> Option<Difference> {
        let Some(here) = here else {
            return self.state.map(|_| Difference::MissingHere);
        };
        let paid = self.state == Some(DonationState::Paid);
        if here.id != self.id {
            // The invoice is compared itself, but it may leave out what was paid too much. What went
            // back says nothing: the invoice may have other payments, and the payment other invoices
            // that share it. The list of refunds shows what is missing.
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
        // An invoice may leave out what was paid too much, which its payments tell.
        let same = match self.kind {
            Kind::OneTime => here.amount == self.amount,
            Kind::Recurring | Kind::Invoice => here.amount >= self.amount,
        };
        if !same || here.currency != self.currency {
            return Some(Difference::Amount);
        }
        // The ledger never gives back more than was given.
        if self.refunded.is_some_and(|it| it.min(self.amount) != here.refunded) {
            return Some(Difference::Refunded);
        }
        here.provisional.then_some(Difference::Provisional)
    }
}

/// Whether an authorisation released a part of this charge. Only the charge tells that, and a Refund of
/// that part is none.
pub(super) fn has_released(charge: &Event) -> bool {
    total(charge).is_some_and(|it| it.released > 0)
}

/// What went back of a charge.
fn total(charge: &Event) -> Option<Refund> {
    ledger::changes(charge).ok()?.into_iter().find_map(|change| match change {
        Change::Refund(it) => it.total.then_some(it),
        Change::Payment(_)
        | Change::Link(_)
        | Change::Invoice(_)
        | Change::CreditNote(_)
        | Change::Dispute(_) => None,
    })
}

/// An unpaid donation is one as well, a free invoice is none.
fn state(progress: Progress, amount: i64) -> Option<DonationState> {
    let state = match progress {
        Progress::Paid => DonationState::Paid,
        Progress::Pending => DonationState::Pending,
        Progress::Failed => DonationState::Failed,
        Progress::Begun | Progress::Canceled => return None,
    };
    (amount > 0).then_some(state)
}
