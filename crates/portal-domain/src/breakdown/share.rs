//! The share that a donation has of its payments.

use super::fit::{cap, divide};
use super::{DonationLine, DonationRows, LinkRow, PaymentRow};

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
    let links: Vec<_> = rows.ledger.links.iter().filter(|it| it.payment == payment.id).collect();
    if links.iter().any(|it| it.invoice != rows.donation.id) {
        return part(payment, &links, rows);
    }
    Share {
        amount: payment.amount,
        refunded: if is_told { payment.refunded.min(payment.amount) } else { payment.refunded },
        lost: if payment.all_is_lost() { payment.amount } else { payment.lost },
        is_part: false,
    }
}

/// Divides like the stores: each invoice has its known share, and one of them the rest. The
/// refunded sum, and the sum of refunds and losses, are divided in proportion, in the order of the
/// invoices.
fn part(payment: &PaymentRow, links: &[&LinkRow], rows: &DonationRows) -> Share {
    let known: i64 = links.iter().map(|it| it.share).sum();
    let amount = payment.amount.max(known);
    let whole = amount.max(1);
    let is_told = payment.progress.is_some();
    let refunded = if is_told { payment.refunded.min(whole) } else { payment.refunded };
    let lost = if payment.all_is_lost() { whole } else { payment.lost };
    let gone = if is_told { (refunded + lost).min(whole) } else { refunded + lost };
    let has_the_rest = links.iter().min_by_key(|it| (it.share > 0, &it.invoice));

    let (mut before, mut up_to) = (0, 0);
    let mut own = 0;
    for link in links {
        let rest = if has_the_rest == Some(link) { amount - known } else { 0 };
        let weight = link.share + if has_the_rest == Some(link) { whole - known } else { 0 };
        up_to += weight;
        if link.invoice == rows.donation.id {
            own = link.share + rest;
            break;
        }
        before = up_to;
    }
    let between = |of: i64| part_of(of, up_to, whole) - part_of(of, before, whole);
    let refunded = between(refunded);
    Share { amount: own, refunded, lost: between(gone) - refunded, is_part: true }
}

/// Returns `of * up_to / whole`, rounded down.
fn part_of(of: i64, up_to: i64, whole: i64) -> i64 {
    let part = i128::from(of) * i128::from(up_to) / i128::from(whole.max(1));
    i64::try_from(part).unwrap_or(of)
}
