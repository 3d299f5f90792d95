//! The model's donations.

use std::collections::BTreeMap;

use portal_domain::ledger::{Evidence, Payment, Progress};
use portal_domain::{Currency, DisputeState, Donation, DonationState, Kind, ObjectId, UnixSeconds};

use super::rows::{Rows, how_bad};

/// The invoices that a payment belongs to, if any.
#[derive(PartialEq, Eq)]
enum Place<'a> {
    /// The payment is known to belong to no invoice.
    Alone,
    /// The payment belongs to no invoice so far.
    AloneForNow,
    /// The invoices, each with its part of the payment's amount.
    Invoices(BTreeMap<&'a ObjectId, i64>),
}

/// The refunded and the lost part of a payment or an invoice.
#[derive(Default)]
struct Taken {
    refunded: i64,
    lost: i64,
    dispute: Option<DisputeState>,
}

pub(super) fn of(rows: &Rows<'_>) -> Vec<Donation> {
    let alone = rows.payments.values().filter_map(|it| payment(rows, it));
    let invoiced = rows.invoice_ids.iter().filter_map(|it| invoice(rows, it));
    alone.chain(invoiced).collect()
}

fn place<'a>(rows: &Rows<'a>, id: &ObjectId) -> Place<'a> {
    let Some(links) = rows.links.get(id) else { return Place::AloneForNow };
    let certain = |evidence| {
        matches!(evidence, Evidence::Field | Evidence::InvoicePayment | Evidence::CheckoutSession)
    };
    let shares: BTreeMap<_, _> = links.to.iter().filter(|it| certain(it.1.0)).collect();
    if !shares.is_empty() {
        let shares = shares.into_iter().map(|(invoice, (_, share))| (*invoice, *share)).collect();
        return Place::Invoices(divided(rows, id, shares));
    }
    let hint = links.to.keys().next().filter(|_| links.none.is_none_or(|it| it > Evidence::Hint));
    match (hint, links.none) {
        (Some(invoice), _) if explained(rows, invoice) == Some(id) => {
            let amount = rows.payments.get(id).map_or(0, |it| it.amount);
            Place::Invoices(BTreeMap::from([(*invoice, amount)]))
        }
        (None, Some(_)) => Place::Alone,
        (_, _) => Place::AloneForNow,
    }
}

/// Divides a payment: each invoice gets its share; the rest belongs to an invoice without a known share,
/// or to the first.
fn divided<'a>(
    rows: &Rows<'_>,
    payment: &ObjectId,
    mut shares: BTreeMap<&'a ObjectId, i64>,
) -> BTreeMap<&'a ObjectId, i64> {
    let amount = rows.payments.get(payment).map_or(0, |it| it.amount);
    if let (1, Some(only)) = (shares.len(), shares.values_mut().next()) {
        *only = amount;
    }
    let left = amount - shares.values().sum::<i64>();
    let untold = shares.iter().find(|it| *it.1 == 0).map(|it| *it.0);
    if let Some(rest) = untold.or_else(|| shares.keys().next().copied()) {
        *shares.entry(rest).or_default() += left.max(0);
    }
    shares
}

/// Returns the payment that belongs to this invoice by a hint only: the invoice was paid with exactly
/// this amount, and no other payment of it is known.
fn explained<'a>(rows: &Rows<'a>, invoice: &ObjectId) -> Option<&'a ObjectId> {
    let seen = rows.invoices.get(invoice)?;
    let hints = |payment: &ObjectId| {
        rows.links.get(payment).is_some_and(|links| {
            links.to.values().all(|it| it.0 == Evidence::Hint)
                && links.to.keys().next() == Some(&invoice)
                && links.none.is_none_or(|it| it > Evidence::Hint)
        })
    };
    let is_known = |it: &Payment| {
        it.progress == Progress::Paid
            && rows
                .links
                .get(&it.id)
                .is_some_and(|links| links.to.get(invoice).is_some_and(|it| it.0 != Evidence::Hint))
    };
    if seen.progress != Progress::Paid
        || seen.out_of_band
        || rows.payments.values().any(|it| is_known(it))
    {
        return None;
    }
    let fits = rows.payments.values().filter(|it| {
        let same =
            (it.amount, &it.currency, it.livemode) == (seen.amount, &seen.currency, seen.livemode);
        same && hints(&it.id)
    });
    fits.min_by_key(|it| (it.progress != Progress::Paid, &it.id)).map(|it| &it.id)
}

/// Returns the part of `all` that falls to an invoice, in proportion to the payment's amounts. Parts
/// are rounded so that they add up to `all`.
fn portion(all: i64, amounts: &BTreeMap<&ObjectId, i64>, invoice: &ObjectId) -> i64 {
    let whole: i64 = amounts.values().sum();
    if amounts.len() == 1 || whole == 0 {
        return if amounts.keys().next() == Some(&invoice) { all } else { 0 };
    }
    let before: i64 = amounts.iter().filter(|it| **it.0 < *invoice).map(|it| *it.1).sum();
    let after = before + amounts.get(invoice).copied().unwrap_or(0);
    let up_to = |part: i64| {
        i64::try_from(i128::from(all) * i128::from(part) / i128::from(whole)).unwrap_or(i64::MAX)
    };
    up_to(after) - up_to(before)
}

fn payment(rows: &Rows<'_>, it: &Payment) -> Option<Donation> {
    let place = place(rows, &it.id);
    if matches!(place, Place::Invoices(_)) {
        return None;
    }
    let taken = Taken {
        refunded: rows.refunded(&it.id),
        lost: rows.lost(&it.id),
        dispute: rows.dispute(&it.id),
    };
    let donation = Donation {
        id: it.id.clone(),
        kind: Kind::OneTime,
        state: state(it.progress)?,
        currency: it.currency.clone(),
        amount: it.amount,
        refunded: 0,
        lost: 0,
        net: 0,
        dispute: None,
        provisional: place == Place::AloneForNow,
        out_of_band: false,
        livemode: it.livemode,
        paid_at: None,
        at: it.at,
    };
    less(donation, &taken)
}

fn invoice(rows: &Rows<'_>, id: &ObjectId) -> Option<Donation> {
    let members = rows.links.keys().filter_map(|it| match place(rows, it) {
        Place::Invoices(amounts) if amounts.contains_key(id) => Some((*it, amounts)),
        Place::Invoices(_) | Place::Alone | Place::AloneForNow => None,
    });
    let members: Vec<(&ObjectId, BTreeMap<_, i64>)> = members.collect();
    let seen = rows.invoices.get(id).copied();
    let payments = members.iter().filter_map(|(it, amounts)| {
        let payment = rows.payments.get(it).copied()?;
        Some(Payment { amount: amounts.get(id).copied().unwrap_or(0), ..payment.clone() })
    });
    let payments: Vec<Payment> = payments.collect();
    let with = |progress| payments.iter().filter(move |it| it.progress == progress);
    let paid: i64 = with(Progress::Paid).map(|it| it.amount).sum();
    let any_paid = with(Progress::Paid).count() > 0;
    let asked = seen.map_or(0, |it| it.amount);
    let by_itself = seen.is_some_and(|it| it.progress == Progress::Paid || it.paid > 0);
    let any_pending = with(Progress::Pending).count() > 0;
    let state = match seen {
        // Paid money is a donation, whatever the state of the rest.
        _ if by_itself || any_paid => Some(DonationState::Paid),
        Some(it) if it.progress == Progress::Failed && any_pending => Some(DonationState::Pending),
        Some(it) => state(it.progress),
        None if any_pending => Some(DonationState::Pending),
        None if with(Progress::Failed).count() > 0 => Some(DonationState::Failed),
        None => None,
    };
    let most = payments.iter().map(|it| it.amount).max().unwrap_or(0);
    let amount = match (by_itself, any_paid) {
        (true, _) => seen.map_or(0, |it| it.paid).max(paid),
        (false, true) => paid,
        (false, false) => asked.max(most),
    };
    let first_paid = with(Progress::Paid).map(|it| it.at).min();
    let at = match seen {
        Some(it) if it.progress == Progress::Paid || !any_paid => it.at,
        _ => first_paid.or_else(|| payments.iter().map(|it| it.at).max())?,
    };
    let taken = taken(rows, id, &members);
    let kind = if seen.is_some_and(|it| it.recurring) { Kind::Recurring } else { Kind::Invoice };
    let currency: Currency = seen
        .map(|it| it.currency.clone())
        .or_else(|| payments.iter().map(|it| it.currency.clone()).min())?;
    let livemode =
        seen.map(|it| it.livemode).or_else(|| payments.iter().map(|it| it.livemode).min())?;
    let donation = Donation {
        id: id.clone(),
        kind,
        state: state?,
        currency,
        amount,
        refunded: 0,
        lost: 0,
        net: 0,
        dispute: None,
        provisional: false,
        out_of_band: !any_paid && seen.is_some_and(|it| it.out_of_band),
        livemode,
        paid_at: None,
        at,
    };
    less(donation, &taken)
}

/// Returns the refunded and lost parts of an invoice: those of its payments, each with its amounts by
/// invoice, and those by credit notes.
fn taken(
    rows: &Rows<'_>,
    id: &ObjectId,
    members: &[(&ObjectId, BTreeMap<&ObjectId, i64>)],
) -> Taken {
    let given_back = rows.credit_notes.values().filter(|it| &it.invoice == id).map(|it| it.amount);
    let mut taken = Taken { refunded: given_back.sum(), ..Taken::default() };
    for (member, amounts) in members {
        let known = rows.payments.contains_key(member);
        let most = if known { amounts.values().sum() } else { i64::MAX };
        let refunded = rows.refunded(member).min(most);
        let gone = refunded.saturating_add(rows.lost(member));
        let gone = if amounts.len() > 1 { gone.min(most) } else { gone };
        let part = portion(refunded, amounts, id);
        taken.refunded += part;
        taken.lost += portion(gone, amounts, id) - part;
        let disputes = [taken.dispute, rows.dispute(member)];
        taken.dispute = disputes.into_iter().flatten().max_by_key(|it| how_bad(*it));
    }
    taken
}

fn state(progress: Progress) -> Option<DonationState> {
    match progress {
        Progress::Pending => Some(DonationState::Pending),
        Progress::Paid => Some(DonationState::Paid),
        Progress::Failed => Some(DonationState::Failed),
        Progress::Begun | Progress::Canceled => None,
    }
}

/// Subtracts the refunded and lost parts from a paid donation.
fn less(mut donation: Donation, taken: &Taken) -> Option<Donation> {
    donation.dispute = taken.dispute;
    if donation.state == DonationState::Paid {
        let at: UnixSeconds = donation.at;
        donation.paid_at = Some(at);
        donation.refunded = taken.refunded.min(donation.amount);
        donation.lost = taken.lost.min(donation.amount - donation.refunded);
        donation.net = donation.amount - donation.refunded - donation.lost;
    }
    (donation.amount > 0).then_some(donation)
}
