//! The rows of the ledger that one donation follows from, as a store reads them.

use serde::Deserialize;

use crate::donation::{DisputeState, Donation};
use crate::ids::{Currency, EventId, ObjectId};
use crate::ledger::Progress;
use crate::time::UnixSeconds;

/// A donation and its rows of the ledger, all read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DonationRows {
    pub donation: Donation,
    pub ledger: LedgerRows,
}

/// The rows of the ledger that a donation follows from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRows {
    /// The invoice; `None` for a payment without one.
    pub invoice: Option<InvoiceRow>,
    /// The payments of the invoice, or the one payment without an invoice.
    pub payments: Vec<PaymentRow>,
    pub refunds: Vec<RefundRow>,
    pub charge_totals: Vec<ChargeTotalRow>,
    pub credit_notes: Vec<CreditNoteRow>,
    pub disputes: Vec<DisputeRow>,
    /// The certain links of these payments, including those to other invoices.
    pub links: Vec<LinkRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceRow {
    /// `None` if no event about the invoice was received.
    pub progress: Option<Progress>,
    /// The amount that was paid, or else that is due, in minor units.
    pub amount: i64,
    /// The amount that was paid so far, in minor units.
    pub paid: i64,
    pub currency: Option<Currency>,
    pub event: Option<EventId>,
}

/// A payment that belongs to the donation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRow {
    pub id: ObjectId,
    /// `None` if no event about the payment was received.
    pub progress: Option<Progress>,
    /// The amount that was collected, or else that is expected, in minor units.
    pub amount: i64,
    pub currency: Option<Currency>,
    /// The time of the payment, or of the view if it is not paid.
    pub at: UnixSeconds,
    /// The kept sum of its refunds, in minor units.
    pub refunded: i64,
    /// The kept sum of its losses, in minor units of `lost_in`.
    pub lost: i64,
    /// The currency of the losses; empty if there are several.
    pub lost_in: Option<String>,
    /// The rank of the evidence that it belongs to the invoice.
    pub evidence: Option<i64>,
    pub event: Option<EventId>,
}

/// The certain link of a payment to an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRow {
    pub payment: ObjectId,
    pub invoice: ObjectId,
    /// The part of the payment that went to the invoice, in minor units; 0 if it is unknown.
    pub share: i64,
}

/// A payment that several invoices have a part of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedPayment {
    /// In minor units.
    pub amount: i64,
    /// All of its certain links.
    pub links: Vec<LinkRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRow {
    pub id: ObjectId,
    pub payment: ObjectId,
    pub charge: Option<ObjectId>,
    /// Paid means that the donor has the money.
    pub progress: Progress,
    /// In minor units.
    pub amount: i64,
    pub currency: Currency,
    pub made_at: UnixSeconds,
    /// The time of the view, or of the first view of a failure.
    pub at: UnixSeconds,
    pub event: Option<EventId>,
}

/// The running total of a charge's refunds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeTotalRow {
    pub charge: ObjectId,
    pub payment: ObjectId,
    /// In minor units, without `released`.
    pub amount: i64,
    /// The authorised amount that was never captured, in minor units.
    pub released: i64,
    pub currency: Currency,
    pub at: UnixSeconds,
    pub event: Option<EventId>,
}

/// A credit note of the invoice, with the amount given back outside Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditNoteRow {
    pub id: ObjectId,
    /// In minor units of the invoice's currency; 0 if the note is void.
    pub amount: i64,
    pub event: Option<EventId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeRow {
    pub id: ObjectId,
    pub payment: ObjectId,
    /// `None` if it was closed before money moved.
    pub state: Option<DisputeState>,
    /// In minor units.
    pub amount: i64,
    pub currency: Currency,
    pub event: Option<EventId>,
}

impl LedgerRows {
    /// Returns the rows in a canonical order, independent of the order in which a store reads them.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.payments.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        self.refunds.sort_by(|a, b| (a.made_at, &a.id).cmp(&(b.made_at, &b.id)));
        self.charge_totals.sort_by(|a, b| a.charge.cmp(&b.charge));
        self.credit_notes.sort_by(|a, b| a.id.cmp(&b.id));
        self.disputes.sort_by(|a, b| a.id.cmp(&b.id));
        self.links.sort_by(|a, b| (&a.payment, &a.invoice).cmp(&(&b.payment, &b.invoice)));
        self
    }
}

impl PaymentRow {
    pub(super) fn is_paid(&self) -> bool {
        self.progress == Some(Progress::Paid)
    }

    /// True if something was lost in another currency, so the whole payment may be lost.
    pub(super) fn all_is_lost(&self) -> bool {
        let in_its_own = self.lost_in.as_deref() == self.currency.as_ref().map(Currency::as_str);
        self.progress.is_some() && self.lost != 0 && !in_its_own
    }
}
