//! The model's ledger: every change ever written, from which the rest is derived.

use std::collections::BTreeMap;

use portal_domain::ledger::{Change, Refund};
use portal_domain::{Donation, DonationState, Total};

use super::gifts;
use super::rows::Rows;

/// Every change, in the order of writing, which must not matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    changes: Vec<Change>,
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
                // No donation follows from a payout.
                Change::Payout(_) => {}
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
