//! The share that a donation has of its payments.

use super::fit::{cap, divide};
use super::{DonationLine, DonationRows, LinkRow, PaymentRow, SharedPayment};
use crate::ids::ObjectId;

/// The part of a payment that one of its invoices has: from `before` up to `up_to`, of `whole`.
///
/// Each invoice has its known share, and one of them the rest; they follow one another in the order of
/// their ids, so that the parts of any sum come to that sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    before: i64,
    up_to: i64,
    whole: i64,
}

impl Portion {
    /// Finds the part that `invoice` has of `payment`; nothing if it has no certain link to it.
    #[must_use]
    pub fn of(invoice: &ObjectId, payment: &SharedPayment) -> Self {
        let known: i64 = payment.links.iter().map(|it| it.share).sum();
        let whole = payment.amount.max(known).max(1);
        let has_the_rest = payment.links.iter().map(|it| (it.share > 0, &it.invoice)).min();
        let part = |link: &LinkRow| {
            let rest = has_the_rest.is_some_and(|(_, it)| *it == link.invoice);
            link.share + if rest { whole - known } else { 0 }
        };
        let earlier = payment.links.iter().filter(|it| it.invoice < *invoice);
        let own = payment.links.iter().filter(|it| it.invoice == *invoice);
        let before = earlier.map(part).sum();
        Self { before, up_to: before + own.map(part).sum::<i64>(), whole }
    }

    /// Returns the part of `sum`; all parts add up to it.
    #[must_use]
    pub fn part_of(&self, sum: i64) -> i64 {
        let up_to = |end: i64| {
            let part = i128::from(sum) * i128::from(end) / i128::from(self.whole);
            i64::try_from(part).unwrap_or(sum)
        };
        up_to(self.up_to) - up_to(self.before)
    }
}

/// The share that a donation has of one payment, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) amount: i64,
    pub(super) refunded: i64,
    pub(super) lost: i64,
    /// True if other invoices have a share too.
    pub(super) is_part: bool,
}

/// Returns the lines of all payments, reduced to the donation's share of each.
pub(super) fn shared(
    rows: &DonationRows,
    of_payment: fn(&PaymentRow, &DonationRows) -> Vec<DonationLine>,
    part: fn(&Share) -> i64,
) -> Vec<DonationLine> {
    let mut all = Vec::new();
    for payment in &rows.ledger.payments {
        let mut lines = of_payment(payment, rows);
        let share = share(payment, rows);
        let fit = if share.is_part { divide } else { cap };
        fit(&mut lines, part(&share));
        all.extend(lines);
    }
    all
}

/// Returns the whole payment, or the share of one that paid several invoices. While no event about
/// the payment itself was received its amount is unknown, so its refunds are not capped by it.
pub(super) fn share(payment: &PaymentRow, rows: &DonationRows) -> Share {
    let is_told = payment.progress.is_some();
    let links = rows.ledger.links.iter().filter(|it| it.payment == payment.id).cloned();
    let links: Vec<_> = links.collect();
    if links.iter().any(|it| it.invoice != rows.donation.id) {
        return part(payment, links, rows);
    }
    Share {
        amount: payment.amount,
        refunded: if is_told { payment.refunded.min(payment.amount) } else { payment.refunded },
        lost: if payment.all_is_lost() { payment.amount } else { payment.lost },
        is_part: false,
    }
}

/// Divides like the stores: the refunded sum, and the sum of refunds and losses, in proportion.
fn part(payment: &PaymentRow, links: Vec<LinkRow>, rows: &DonationRows) -> Share {
    let known: i64 = links.iter().map(|it| it.share).sum();
    let portion = Portion::of(&rows.donation.id, &SharedPayment { amount: payment.amount, links });
    let amount = payment.amount.max(known);
    let whole = amount.max(1);
    let is_told = payment.progress.is_some();
    let refunded = if is_told { payment.refunded.min(whole) } else { payment.refunded };
    let lost = if payment.all_is_lost() { whole } else { payment.lost };
    let gone = if is_told { (refunded + lost).min(whole) } else { refunded + lost };
    let refunded = portion.part_of(refunded);
    let lost = portion.part_of(gone) - refunded;
    Share { amount: portion.part_of(amount), refunded, lost, is_part: true }
}
