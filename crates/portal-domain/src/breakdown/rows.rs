//! The rows of the ledger that one donation follows from, as a store reads them.

use serde::Deserialize;

use crate::donation::{DisputeState, Donation};
use crate::ids::{Currency, EventId, ObjectId};
use crate::ledger::Progress;
use crate::time::UnixSeconds;

/// A donation and the rows that it follows from, all as they were at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DonationRows {
    /// The donation.
    pub donation: Donation,
    /// The rows.
    pub ledger: LedgerRows,
}

/// The rows of the ledger that a donation follows from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRows {
    /// The invoice; `None` for a payment that belongs to none.
    pub invoice: Option<InvoiceRow>,
    /// The payments that belong to the invoice, or the one that belongs to none.
    pub payments: Vec<PaymentRow>,
    /// Their single refunds.
    pub refunds: Vec<RefundRow>,
    /// The running totals of their charges.
    pub charge_totals: Vec<ChargeTotalRow>,
    /// The credit notes of the invoice.
    pub credit_notes: Vec<CreditNoteRow>,
    /// Their disputes.
    pub disputes: Vec<DisputeRow>,
    /// The certain links of these payments, also those to other invoices.
    pub links: Vec<LinkRow>,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceRow {
    /// `None` where no event told of the invoice itself.
    pub progress: Option<Progress>,
    /// What was paid, or else what is due, in minor units.
    pub amount: i64,
    /// What was paid so far, in minor units.
    pub paid: i64,
    /// Currency of the amounts.
    pub currency: Option<Currency>,
    /// The event that says so.
    pub event: Option<EventId>,
}

/// A payment that belongs to the donation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRow {
    /// The payment.
    pub id: ObjectId,
    /// `None` where no event told of the payment itself.
    pub progress: Option<Progress>,
    /// What was collected, or else what is to be, in minor units.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: Option<Currency>,
    /// When it was paid, or else seen.
    pub at: UnixSeconds,
    /// What went back of it, in minor units, as it is kept.
    pub refunded: i64,
    /// What was lost of it, in minor units of `lost_in`, as it is kept.
    pub lost: i64,
    /// The currency of what was lost; an empty text: several.
    pub lost_in: Option<String>,
    /// The rank of the evidence that it belongs to the invoice.
    pub evidence: Option<i64>,
    /// The event that says so.
    pub event: Option<EventId>,
}

/// The certain link of a payment to an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRow {
    /// The payment.
    pub payment: ObjectId,
    /// The invoice.
    pub invoice: ObjectId,
    /// How much of the payment went there, in minor units; 0 where it is not told.
    pub share: i64,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRow {
    /// `re_…`
    pub id: ObjectId,
    /// The payment that is given back.
    pub payment: ObjectId,
    /// The charge that is given back.
    pub charge: Option<ObjectId>,
    /// How far it has come; paid: the donor has it.
    pub progress: Progress,
    /// In minor units.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: Currency,
    /// When it was made.
    pub made_at: UnixSeconds,
    /// When it was seen, or first seen to have failed.
    pub at: UnixSeconds,
    /// The event that says so.
    pub event: Option<EventId>,
}

/// A charge's running total.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeTotalRow {
    /// The charge.
    pub charge: ObjectId,
    /// The payment that is given back.
    pub payment: ObjectId,
    /// What went back in all, in minor units, without what was released.
    pub amount: i64,
    /// What was authorised and not collected, in minor units.
    pub released: i64,
    /// Currency of the amounts.
    pub currency: Currency,
    /// When it was seen.
    pub at: UnixSeconds,
    /// The event that says so.
    pub event: Option<EventId>,
}

/// A credit note of the invoice, and what it gave back outside Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditNoteRow {
    /// `cn_…`
    pub id: ObjectId,
    /// In minor units of the invoice's currency; 0 where the note is void.
    pub amount: i64,
    /// The event that says so.
    pub event: Option<EventId>,
}

/// A dispute.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeRow {
    /// `du_…` or `dp_…`
    pub id: ObjectId,
    /// The contested payment.
    pub payment: ObjectId,
    /// `None`: it was closed before money moved.
    pub state: Option<DisputeState>,
    /// In minor units.
    pub amount: i64,
    /// Currency of the amount.
    pub currency: Currency,
    /// The event that says so.
    pub event: Option<EventId>,
}

impl LedgerRows {
    /// The same rows in an order that follows from them, whatever order a store reads them in.
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
    /// Whether the money is there.
    pub(super) fn is_paid(&self) -> bool {
        self.progress == Some(Progress::Paid)
    }

    /// Whether something was lost in another currency, so that all of it may be gone.
    pub(super) fn all_is_lost(&self) -> bool {
        let in_its_own = self.lost_in.as_deref() == self.currency.as_ref().map(Currency::as_str);
        self.progress.is_some() && self.lost != 0 && !in_its_own
    }
}
