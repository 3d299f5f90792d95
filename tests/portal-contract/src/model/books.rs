//! The model's ledger: every change ever written, from which the rest is derived.

use std::collections::{BTreeMap, BTreeSet};

use portal_domain::ledger::{
    Change, CreditNote, Dispute, Evidence, Invoice, Payment, Progress, Refund,
};
use portal_domain::{DisputeState, Donation, DonationState, ObjectId, Total};

use super::gifts;

/// Every change, in the order of writing, which must not matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    changes: Vec<Change>,
}

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

impl Books {
    pub(super) fn write(&mut self, changes: &[Change]) {
        self.changes.extend_from_slice(changes);
    }

    /// Returns the donations in the order of the list.
    pub(super) fn donations(&self) -> Vec<Donation> {
        let mut donations = gifts::of(&self.rows());
        donations.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        donations
    }

    /// Returns the totals, sorted by currency and the names of kind and mode.
    pub(super) fn totals(&self) -> Vec<Total> {
        let mut totals: BTreeMap<_, Total> = BTreeMap::new();
        for it in self.donations() {
            if it.provisional || it.state != DonationState::Paid {
                continue;
            }
            let key = (it.currency.clone(), it.kind.name(), it.livemode);
            let total = totals.entry(key).or_insert_with(|| Total {
                currency: it.currency.clone(),
                kind: it.kind,
                livemode: it.livemode,
                count: 0,
                gross: 0,
                refunded: 0,
                lost: 0,
                net: 0,
            });
            total.count += 1;
            total.gross += it.amount;
            total.refunded += it.refunded;
            total.lost += it.lost;
            total.net += it.net;
        }
        totals.into_values().collect()
    }

    fn rows(&self) -> Rows<'_> {
        let mut rows = Rows::default();
        for change in &self.changes {
            match change {
                Change::Payment(it) => {
                    let kept = rows.payments.entry(&it.id).or_insert(it);
                    if it.version > kept.version {
                        *kept = it;
                    }
                }
                Change::Link(it) => {
                    let links = rows.links.entry(&it.payment).or_default();
                    if let Some(invoice) = &it.invoice {
                        let (evidence, share) =
                            links.to.entry(invoice).or_insert((it.evidence, it.share));
                        *evidence = it.evidence.min(*evidence);
                        *share = it.share.max(*share);
                        if it.is_certain() {
                            rows.invoice_ids.insert(invoice);
                        }
                    } else {
                        let firmest = links.none.map_or(it.evidence, |none| none.min(it.evidence));
                        links.none = Some(firmest);
                    }
                }
                Change::Invoice(it) => {
                    rows.invoice_ids.insert(&it.id);
                    let kept = rows.invoices.entry(&it.id).or_insert(it);
                    if it.version > kept.version {
                        *kept = it;
                    }
                }
                Change::Refund(it) => {
                    let firmness =
                        |it: &Refund| (it.version.order, it.amount, it.version.event.clone());
                    let kept = rows.refunds.entry(&it.id).or_insert(it);
                    if firmness(it) > firmness(kept) {
                        *kept = it;
                    }
                }
                Change::CreditNote(it) => {
                    rows.invoice_ids.insert(&it.invoice);
                    let kept = rows.credit_notes.entry(&it.id).or_insert(it);
                    if it.version > kept.version {
                        *kept = it;
                    }
                }
                Change::Dispute(it) => {
                    let kept = rows.disputes.entry(&it.id).or_insert(it);
                    if it.version > kept.version {
                        *kept = it;
                    }
                }
            }
        }
        rows
    }
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

    /// Returns the worst state of a payment's disputes, by [`gifts::how_bad`].
    pub(super) fn dispute(&self, payment: &ObjectId) -> Option<DisputeState> {
        let disputes = self.disputes.values().filter(|it| &it.payment == payment);
        disputes.filter_map(|it| it.state).max_by_key(|it| gifts::how_bad(*it))
    }
}
