//! The breakdown of a donation: which rows of the ledger its amounts come from, line by line.
//!
//! The store reads the rows, all in one step; this makes lines of them, by the rules by which the
//! schema's views make the donation. Each row has its line, also one that does not count, and the
//! lines add up to the donation's amounts.

mod amount;
mod fit;
mod lost;
mod refunded;
mod rows;
mod share;

pub use rows::{
    ChargeTotalRow, CreditNoteRow, DisputeRow, DonationRows, InvoiceRow, LedgerRows, LinkRow,
    PaymentRow, RefundRow,
};

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::donation::{Donation, DonationState};
use crate::ids::{Currency, EventId, ObjectId};

/// A donation and the lines that its amounts are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    /// The donation.
    #[serde(flatten)]
    pub donation: Donation,
    /// One line for each row of the ledger that tells of it, and one for each difference.
    pub lines: Vec<DonationLine>,
    /// Other invoices that its payments paid too, each a donation of its own.
    pub shared_with: Vec<ObjectId>,
}

/// One row of the ledger, and how much of it counts in the donation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DonationLine {
    /// The amount of the donation that it counts in.
    pub counts_in: CountsIn,
    /// The kind of object.
    pub kind: LineKind,
    /// The object's id; a charge's running total has the charge's.
    pub id: ObjectId,
    /// The object's state; `None` where it has none, or where no event told of it.
    pub state: Option<&'static str>,
    /// The object's amount, in minor units.
    pub amount: i64,
    /// Currency of that amount.
    pub currency: Currency,
    /// The part that counts, in minor units of the donation's currency. Below zero it is taken off.
    pub counted: i64,
    /// Why that is not the object's amount.
    pub reason: Option<CountedReason>,
    /// The payment that a refund or a dispute is of.
    pub payment: Option<ObjectId>,
    /// The charge that a refund is of.
    pub charge: Option<ObjectId>,
    /// The evidence that the payment belongs to the invoice.
    pub linked_by: Option<&'static str>,
    /// The event that says so; `None` where no event told of the object itself.
    pub event: Option<EventId>,
}

/// The amounts of a donation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsIn {
    /// The donation's amount, given or to be given.
    Amount,
    /// What went back to the donor.
    Refunded,
    /// What lost disputes took.
    Lost,
}

/// The kind of object that a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A payment.
    Payment,
    /// An invoice, in which it counts what its payments do not say.
    Invoice,
    /// A refund.
    Refund,
    /// A charge's running total of refunds.
    ChargeTotal,
    /// Money that an authorisation of a charge held and nobody collected.
    Released,
    /// A credit note, by which money was given back outside Stripe.
    CreditNote,
    /// A dispute.
    Dispute,
    /// An amount of the donation that follows from no row. The ledger has to be checked.
    Difference,
}

/// Why something else counts than an object's amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedReason {
    /// It has another share of a payment that paid several invoices.
    Share,
    /// The object itself is not paid, failed, or was canceled.
    State,
    /// No event told of the object itself.
    NotReceived,
    /// The donation is not paid, so nothing of it went back.
    DonationNotPaid,
    /// It has another currency than the invoice.
    OtherCurrency,
    /// It was lost in another currency, so that all of the payment may be gone.
    AllIsLost,
    /// All of the payment counts as lost already.
    AlreadyLost,
    /// The payments of the invoice say as much, or more.
    InPayments,
    /// The invoice says more than its payments; the rest counts.
    BeyondPayments,
    /// Of what the invoice asks for and its payments the largest counts.
    LargerCounts,
    /// The charge's running total says more than single refunds.
    InChargeTotal,
    /// Single refunds say as much as the charge's running total, or more.
    InRefunds,
    /// Some of it came back: a refund in it failed later.
    CameBack,
    /// The charge's running total is without it.
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

/// The sum of what counts in that amount.
#[must_use]
pub fn sum(lines: &[DonationLine], counts_in: CountsIn) -> i64 {
    lines.iter().filter(|it| it.counts_in == counts_in).map(|it| it.counted).sum()
}

impl fmt::Display for CountedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Share => "its share",
            Self::State => "not there, or not gone",
            Self::NotReceived => "no event told of it",
            Self::DonationNotPaid => "the donation is not paid",
            Self::OtherCurrency => "in another currency than the invoice",
            Self::AllIsLost => "in another currency, so all of the payment may be gone",
            Self::AlreadyLost => "all of the payment counts as lost already",
            Self::InPayments => "its payments say as much",
            Self::BeyondPayments => "more than its payments say",
            Self::LargerCounts => "a larger amount counts",
            Self::InChargeTotal => "contained in what its charge says was refunded in all",
            Self::InRefunds => "single refunds say as much",
            Self::CameBack => "some of it came back",
            Self::NotInChargeTotal => "the charge's total is without it",
            Self::AtMostGiven => "no more counts than was given",
        })
    }
}

impl DonationLine {
    /// An object of which nothing is known but its id.
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

    /// The same, of which that counts.
    fn counting(self, (counted, reason): (i64, Option<CountedReason>)) -> Self {
        Self { counted, reason, ..self }
    }
}

/// What counts of lines on money that was given, where the donation is not paid.
fn nothing_where_it_is_not_paid(lines: &mut [DonationLine], rows: &DonationRows) {
    if rows.donation.state != DonationState::Paid {
        for line in lines.iter_mut().filter(|it| it.counted != 0) {
            (line.counted, line.reason) = (0, Some(CountedReason::DonationNotPaid));
        }
    }
}

#[cfg(test)]
mod tests;
