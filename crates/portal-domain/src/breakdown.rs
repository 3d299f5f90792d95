//! The breakdown of a donation: the rows of the ledger that its amounts come from, line by line.
//!
//! The store reads the rows in one step; this module makes lines of them, by the same rules as the
//! views of the schema. Each row has a line, even one that does not count, and the lines add up to
//! the donation's amounts.

mod amount;
mod fit;
mod lost;
mod refunded;
mod rows;
mod share;

pub use rows::{
    ChargeTotalRow, CreditNoteRow, DisputeRow, DonationRows, InvoiceRow, LedgerRows, LinkRow,
    PaymentRow, RefundRow, SharedPayment,
};
pub use share::Portion;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::donation::{Donation, DonationState};
use crate::ids::{Currency, EventId, ObjectId};

/// A donation and the lines that make up its amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    #[serde(flatten)]
    pub donation: Donation,
    /// One line for each row of the ledger that belongs to it, and one for each difference.
    pub lines: Vec<DonationLine>,
    /// The other invoices that its payments paid too, each a donation of its own.
    pub shared_with: Vec<ObjectId>,
}

/// One row of the ledger, and the part of it that counts in the donation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DonationLine {
    pub counts_in: CountsIn,
    pub kind: LineKind,
    /// The object's id; for the running total of a charge, the charge's.
    pub id: ObjectId,
    /// The object's state; `None` if it has none, or if no event about it was received.
    pub state: Option<&'static str>,
    /// The object's amount, in minor units.
    pub amount: i64,
    pub currency: Currency,
    /// The part that counts, in minor units of the donation's currency; negative if it is
    /// subtracted.
    pub counted: i64,
    /// The reason why that differs from the object's amount.
    pub reason: Option<CountedReason>,
    /// The payment that a refund or a dispute belongs to.
    pub payment: Option<ObjectId>,
    /// The charge that a refund belongs to.
    pub charge: Option<ObjectId>,
    pub linked_by: Option<&'static str>,
    /// The event that the row comes from; `None` if no event about the object was received.
    pub event: Option<EventId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsIn {
    /// The amount that was given or is expected.
    Amount,
    Refunded,
    Lost,
}

/// The kind of object of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    Payment,
    /// An invoice, which counts the amount beyond its payments.
    Invoice,
    Refund,
    ChargeTotal,
    /// An amount that a charge had authorised and that was never captured.
    Released,
    /// A credit note, by which money was given back outside Stripe.
    CreditNote,
    Dispute,
    /// An amount that follows from no row: run `ledger check`.
    Difference,
}

/// The reason why the counted part differs from the object's amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedReason {
    /// The donation has only a share of a payment that paid several invoices.
    Share,
    /// The object is unpaid, failed or canceled.
    State,
    /// No event about the object was received.
    NotReceived,
    /// The donation is not paid, so nothing of it was refunded or lost.
    DonationNotPaid,
    OtherCurrency,
    /// The loss is in another currency, so the whole payment may be lost.
    AllIsLost,
    /// The whole payment already counts as lost.
    AlreadyLost,
    /// The invoice's payments come to as much or more.
    InPayments,
    /// The invoice states more than its payments; the rest counts.
    BeyondPayments,
    /// The largest of the invoice's amount and its payments counts.
    LargerCounts,
    /// The charge's running total is larger than its single refunds.
    InChargeTotal,
    /// The single refunds come to as much as the charge's running total, or more.
    InRefunds,
    /// A part came back, because a refund in the total failed later.
    CameBack,
    /// The charge's running total does not contain it.
    NotInChargeTotal,
    /// No more counts than was given.
    AtMostGiven,
}

/// Makes the lines of a donation from its rows.
#[must_use]
pub fn breakdown(rows: &DonationRows) -> Breakdown {
    let donation = &rows.donation;
    let taken_off = |mut lines: Vec<DonationLine>| {
        for line in &mut lines {
            line.counted = -line.counted;
        }
        lines
    };
    let mut lines = amount::lines(rows);
    lines.extend(taken_off(refunded::lines(rows)));
    lines.extend(taken_off(lost::lines(rows)));
    let due = [
        (CountsIn::Amount, donation.amount),
        (CountsIn::Refunded, -donation.refunded),
        (CountsIn::Lost, -donation.lost),
    ];
    for (counts_in, due) in due {
        let difference = due - sum(&lines, counts_in);
        if difference != 0 {
            lines.push(DonationLine {
                counted: difference,
                amount: difference.saturating_abs(),
                ..DonationLine::of(LineKind::Difference, counts_in, &donation.id, rows)
            });
        }
    }
    let links = rows.ledger.links.iter().map(|it| &it.invoice).filter(|it| **it != donation.id);
    let shared_with: BTreeSet<_> = links.cloned().collect();
    Breakdown { donation: donation.clone(), lines, shared_with: shared_with.into_iter().collect() }
}

/// Returns the sum of the lines that count in that amount.
#[must_use]
pub fn sum(lines: &[DonationLine], counts_in: CountsIn) -> i64 {
    lines.iter().filter(|it| it.counts_in == counts_in).map(|it| it.counted).sum()
}

impl fmt::Display for CountedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Share => "only its share counts",
            Self::State => "its state does not count",
            Self::NotReceived => "no event about it was received",
            Self::DonationNotPaid => "the donation is not paid",
            Self::OtherCurrency => "its currency differs from the invoice's",
            Self::AllIsLost => "its currency differs, so the whole payment counts as lost",
            Self::AlreadyLost => "the whole payment counts as lost already",
            Self::InPayments => "its payments add up to as much",
            Self::BeyondPayments => "it exceeds its payments",
            Self::LargerCounts => "a larger amount counts",
            Self::InChargeTotal => "its charge's refunded total contains it",
            Self::InRefunds => "the single refunds add up to as much",
            Self::CameBack => "a refund in it failed and came back",
            Self::NotInChargeTotal => "its charge's refunded total does not contain it",
            Self::AtMostGiven => "refunds count up to the amount given",
        })
    }
}

impl DonationLine {
    /// A line of an object that is known by its id only.
    fn of(kind: LineKind, counts_in: CountsIn, id: &ObjectId, rows: &DonationRows) -> Self {
        Self {
            counts_in,
            kind,
            id: id.clone(),
            state: None,
            amount: 0,
            currency: rows.donation.currency.clone(),
            counted: 0,
            reason: None,
            payment: None,
            charge: None,
            linked_by: None,
            event: None,
        }
    }

    /// Returns the line with its counted part and the reason.
    fn counting(self, (counted, reason): (i64, Option<CountedReason>)) -> Self {
        Self { counted, reason, ..self }
    }
}

/// Counts nothing of lines on received money if the donation is not paid.
fn nothing_where_it_is_not_paid(lines: &mut [DonationLine], rows: &DonationRows) {
    if rows.donation.state != DonationState::Paid {
        for line in lines.iter_mut().filter(|it| it.counted != 0) {
            (line.counted, line.reason) = (0, Some(CountedReason::DonationNotPaid));
        }
    }
}

#[cfg(test)]
mod tests;
