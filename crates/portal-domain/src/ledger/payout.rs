//! Payouts: money that goes from the balance to the bank account.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::amount::{Lack, needed, signed_amount};
use super::{Change, Version};
use crate::alert::Alert;
use crate::event::Event;
use crate::facts;
use crate::ids::{Currency, EnumWord, ObjectId};
use crate::time::UnixSeconds;

/// A payout as one event, or one answer of Stripe's API, showed it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payout {
    /// `po_…`
    pub id: ObjectId,
    /// In minor units; below zero where money was taken from the bank account.
    pub amount: i64,
    pub currency: Currency,
    pub livemode: bool,
    /// True if it was made by the schedule; of others Stripe does not know the lines.
    pub automatic: bool,
    /// `standard` or `instant`.
    pub method: Option<EnumWord>,
    pub status: PayoutStatus,
    pub reconciliation: Reconciliation,
    pub created: UnixSeconds,
    /// The day on which the bank is expected to have it: midnight in UTC.
    pub arrives: UnixSeconds,
    /// Its own line in the balance.
    pub line: Option<ObjectId>,
    /// The line by which the money of a failed or canceled one came back.
    pub return_line: Option<ObjectId>,
    /// Stripe's code of the failure.
    pub failure: Option<EnumWord>,
    /// The payout that this one reverses.
    pub original: Option<ObjectId>,
    /// The payout that reverses this one.
    pub reversed_by: Option<ObjectId>,
    /// The rank of the view.
    pub version: Version,
}

/// The progress of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PayoutStatus {
    Pending,
    InTransit,
    /// The bank is expected to have it. It may still fail within five business days
    /// (<https://docs.stripe.com/payouts>).
    Paid,
    /// The money is in the balance again.
    Failed,
    /// It never left the balance.
    Canceled,
}

named!(PayoutStatus);

impl PayoutStatus {
    /// True if the money is, or will be, in the balance again.
    #[must_use]
    pub fn is_returned(self) -> bool {
        match self {
            Self::Failed | Self::Canceled => true,
            Self::Pending | Self::InTransit | Self::Paid => false,
        }
    }

    fn step(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::InTransit => 1,
            Self::Paid => 2,
            Self::Failed | Self::Canceled => 3,
        }
    }
}

/// Stripe's knowledge of a payout's lines, in the order in which it grows: a store keeps the
/// greatest, because the order of the events is not promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reconciliation {
    /// Made by hand, or at once.
    NotApplicable,
    InProgress,
    /// The lines can be listed.
    Completed,
}

impl Reconciliation {
    /// Returns the number that stores keep.
    #[must_use]
    pub fn rank(self) -> i64 {
        match self {
            Self::NotApplicable => 0,
            Self::InProgress => 1,
            Self::Completed => 2,
        }
    }

    /// Reads what [`Reconciliation::rank`] returned.
    #[must_use]
    pub fn from_rank(rank: i64) -> Option<Self> {
        [Self::NotApplicable, Self::InProgress, Self::Completed]
            .into_iter()
            .find(|it| it.rank() == rank)
    }
}

impl Payout {
    /// Returns the alert for a payout that failed.
    #[must_use]
    pub fn failed(&self) -> Option<Alert> {
        (self.status == PayoutStatus::Failed).then(|| Alert::PayoutFailed {
            payout: self.id.clone(),
            amount: self.amount,
            currency: self.currency.clone(),
            failure: self.failure.clone(),
            arrives: self.arrives,
            livemode: self.livemode,
        })
    }
}

pub(super) fn of_payout(event: &Event, facts: &facts::Payout) -> Result<Vec<Change>, Lack> {
    let status = match needed("status", facts.status.get())?.as_str() {
        "in_transit" => PayoutStatus::InTransit,
        "paid" => PayoutStatus::Paid,
        "failed" => PayoutStatus::Failed,
        "canceled" => PayoutStatus::Canceled,
        _ => PayoutStatus::Pending,
    };
    let reconciliation = match facts.reconciliation_status.get().map(EnumWord::as_str) {
        Some("completed") => Reconciliation::Completed,
        Some("in_progress") => Reconciliation::InProgress,
        _ => Reconciliation::NotApplicable,
    };
    let finality = u8::from(status.is_returned());
    Ok(vec![Change::Payout(Payout {
        id: needed("id", facts.id.get())?,
        amount: signed_amount("amount", facts.amount)?,
        currency: needed("currency", facts.currency.get())?,
        livemode: event.livemode,
        automatic: needed("automatic", facts.automatic.get())?,
        method: facts.method.get().cloned(),
        status,
        reconciliation,
        created: needed("created", facts.created.get())?,
        arrives: needed("arrival_date", facts.arrival_date.get())?,
        line: facts.balance_transaction.get().cloned(),
        return_line: facts.failure_balance_transaction.get().cloned(),
        failure: facts.failure_code.get().cloned(),
        original: facts.original_payout.get().cloned(),
        reversed_by: facts.reversed_by.get().cloned(),
        version: Version::new(finality, event.seen_at(), status.step(), event),
    })])
}
