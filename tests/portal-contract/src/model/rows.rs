//! The rows of the model's ledger.

use std::collections::{BTreeMap, BTreeSet};

use portal_domain::ledger::{CreditNote, Dispute, Evidence, Invoice, Payment, Progress, Refund};
use portal_domain::{DisputeState, ObjectId};

/// The views with the greatest version, by id.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    pub(super) payments: BTreeMap<&'a ObjectId, &'a Payment>,
    pub(super) links: BTreeMap<&'a ObjectId, Links<'a>>,
    pub(super) invoices: BTreeMap<&'a ObjectId, &'a Invoice>,
    /// All invoices, including those that only other objects name.
    pub(super) invoice_ids: BTreeSet<&'a ObjectId>,
    pub(super) refunds: BTreeMap<&'a ObjectId, &'a Refund>,
    pub(super) disputes: BTreeMap<&'a ObjectId, &'a Dispute>,
    pub(super) credit_notes: BTreeMap<&'a ObjectId, &'a CreditNote>,
}

/// The links of a payment.
#[derive(Debug, Default)]
pub(super) struct Links<'a> {
    /// The firmest evidence and the greatest share, by invoice.
    pub(super) to: BTreeMap<&'a ObjectId, (Evidence, i64)>,
    /// The firmest evidence that there is no invoice.
    pub(super) none: Option<Evidence>,
}

impl Rows<'_> {
    /// Returns the refunded sum of a payment. Refunds may be missing, and so may the running total of
    /// a charge.
    pub(super) fn refunded(&self, payment: &ObjectId) -> i64 {
        let one_by_one = self.refunds.values().filter(|it| !it.total && &it.payment == payment);
        let one_by_one = one_by_one
            .filter(|it| matches!(it.progress, Progress::Paid | Progress::Pending))
            .map(|it| it.amount);
        let totals = self.refunds.values().filter(|it| it.total && &it.payment == payment);
        // One of the refunds may be of authorized money that was never captured.
        let released: i64 = totals.clone().map(|it| it.released).sum();
        let by_total = totals.map(|total| (total.amount - self.returned_since(total)).max(0));
        (one_by_one.sum::<i64>() - released).max(by_total.sum()).max(0)
    }

    /// Returns the part of a running total that failed back after it.
    fn returned_since(&self, total: &Refund) -> i64 {
        let returned = self.refunds.values().filter(|it| {
            !it.total
                && it.charge.as_ref() == Some(&total.id)
                && matches!(it.progress, Progress::Failed | Progress::Canceled)
                && it.made_at <= total.at
                && total.at <= it.at
        });
        returned.map(|it| it.amount).sum()
    }

    pub(super) fn lost(&self, payment: &ObjectId) -> i64 {
        let lost = self
            .disputes
            .values()
            .filter(|it| &it.payment == payment && it.state == Some(DisputeState::Lost));
        let payment = self.payments.get(payment);
        lost.map(|it| match payment {
            Some(payment) if payment.currency != it.currency => payment.amount,
            Some(_) | None => it.amount,
        })
        .sum()
    }

    /// Returns the worst state of a payment's disputes, by [`how_bad`].
    pub(super) fn dispute(&self, payment: &ObjectId) -> Option<DisputeState> {
        let disputes = self.disputes.values().filter(|it| &it.payment == payment);
        disputes.filter_map(|it| it.state).max_by_key(|it| how_bad(*it))
    }
}

/// Returns the severity of a dispute's state; a greater one takes precedence.
pub(super) fn how_bad(state: DisputeState) -> u8 {
    match state {
        DisputeState::Inquiry => 1,
        DisputeState::Won => 2,
        DisputeState::Lost => 3,
        DisputeState::Open => 4,
    }
}
