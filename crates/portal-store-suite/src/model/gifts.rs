//! The model's donations.

use portal_domain::ledger::{Evidence, Payment, Progress};
use portal_domain::{Currency, DisputeState, Donation, DonationState, Kind, ObjectId, UnixSeconds};

use super::books::Rows;

/// The invoice that a payment belongs to, if any.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place<'a> {
    /// Nowhere, and that is known.
    Alone,
    /// Nowhere so far.
    AloneForNow,
    Invoice(&'a ObjectId),
}

/// The part of a payment's money, or an invoice's, that is not the portal's any more.
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

/// The greater, the more an operator must look at it.
pub(super) fn how_bad(state: DisputeState) -> u8 {
    match state {
        DisputeState::Inquiry => 1,
        DisputeState::Won => 2,
        DisputeState::Lost => 3,
        DisputeState::Open => 4,
    }
}

fn place<'a>(rows: &Rows<'a>, id: &ObjectId) -> Place<'a> {
    match rows.links.get(id) {
        None => Place::AloneForNow,
        Some((
            Evidence::NoInvoiceByField | Evidence::NoInvoiceByLookup | Evidence::NoInvoiceBySession,
            _,
        )) => Place::Alone,
        Some((
            Evidence::Field | Evidence::InvoicePayment | Evidence::CheckoutSession,
            Some(invoice),
        )) => Place::Invoice(invoice),
        Some((Evidence::Hint, Some(invoice))) => {
            let fits = rows.invoices.get(invoice).zip(rows.payments.get(id));
            let fits = fits.is_some_and(|(invoice, payment)| {
                let paid_here = invoice.progress == Progress::Paid && !invoice.out_of_band;
                let same_sum = (invoice.amount, &invoice.currency, invoice.livemode)
                    == (payment.amount, &payment.currency, payment.livemode);
                paid_here && same_sum
            });
            if fits { Place::Invoice(invoice) } else { Place::AloneForNow }
        }
        Some((_, None)) => Place::AloneForNow,
    }
}

fn payment(rows: &Rows<'_>, it: &Payment) -> Option<Donation> {
    let place = place(rows, &it.id);
    if matches!(place, Place::Invoice(_)) {
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
    let known: Vec<&ObjectId> = rows.links.keys().copied().collect();
    let members: Vec<_> =
        known.into_iter().filter(|it| place(rows, it) == Place::Invoice(id)).collect();
    let seen = rows.invoices.get(id).copied();
    let payments: Vec<&Payment> =
        members.iter().filter_map(|it| rows.payments.get(*it).copied()).collect();
    let with = |progress| payments.iter().filter(move |it| it.progress == progress);
    let paid: i64 = with(Progress::Paid).map(|it| it.amount).sum();
    let any_paid = with(Progress::Paid).count() > 0;
    let asked = seen.map_or(0, |it| it.amount);
    let by_itself = seen.is_some_and(|it| it.progress == Progress::Paid);
    let any_pending = with(Progress::Pending).count() > 0;
    let state = match seen {
        // What was paid is given, whatever became of the rest.
        _ if by_itself || any_paid => Some(DonationState::Paid),
        Some(it) if it.progress == Progress::Failed && any_pending => Some(DonationState::Pending),
        Some(it) => state(it.progress),
        None if any_pending => Some(DonationState::Pending),
        None if with(Progress::Failed).count() > 0 => Some(DonationState::Failed),
        None => None,
    };
    let most = payments.iter().map(|it| it.amount).max().unwrap_or(0);
    let amount = match (by_itself, any_paid) {
        (true, _) => asked,
        (false, true) => paid,
        (false, false) => asked.max(most),
    };
    let first_paid = with(Progress::Paid).map(|it| it.at).min();
    let at = match seen {
        Some(it) if by_itself || !any_paid => it.at,
        _ => first_paid.or_else(|| payments.iter().map(|it| it.at).max())?,
    };
    let mut taken = Taken::default();
    for member in members {
        taken.refunded += rows.refunded(member);
        taken.lost += rows.lost(member);
        let disputes = [taken.dispute, rows.dispute(member)];
        taken.dispute = disputes.into_iter().flatten().max_by_key(|it| how_bad(*it));
    }
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

fn state(progress: Progress) -> Option<DonationState> {
    match progress {
        Progress::Pending => Some(DonationState::Pending),
        Progress::Paid => Some(DonationState::Paid),
        Progress::Failed => Some(DonationState::Failed),
        Progress::Begun | Progress::Canceled => None,
    }
}

/// Takes off what is not the portal's any more; only of what is paid.
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
