//! The lines of the amount that disputes took.

use super::fit::cap;
use super::share::shared;
use super::{
    CountedReason, CountsIn, DisputeRow, DonationLine, DonationRows, LineKind, PaymentRow,
    nothing_where_it_is_not_paid,
};
use crate::donation::DisputeState;

pub(super) fn lines(rows: &DonationRows) -> Vec<DonationLine> {
    let mut all = shared(rows, of_payment, |share| share.lost);
    nothing_where_it_is_not_paid(&mut all, rows);
    cap(&mut all, rows.donation.lost);
    all
}

fn of_payment(payment: &PaymentRow, rows: &DonationRows) -> Vec<DonationLine> {
    // A loss in another currency cannot be converted, so it takes the whole payment.
    let mut takes_all = payment.all_is_lost();
    let mut lines = Vec::new();
    for dispute in rows.ledger.disputes.iter().filter(|it| it.payment == payment.id) {
        let is_foreign = Some(&dispute.currency) != payment.currency.as_ref();
        let counting = if dispute.state != Some(DisputeState::Lost) {
            (0, Some(CountedReason::State))
        } else if takes_all && is_foreign {
            takes_all = false;
            (payment.amount, Some(CountedReason::AllIsLost))
        } else if payment.all_is_lost() {
            (0, Some(CountedReason::AlreadyLost))
        } else {
            (dispute.amount, None)
        };
        lines.push(of_dispute(dispute, rows).counting(counting));
    }
    lines
}

fn of_dispute(dispute: &DisputeRow, rows: &DonationRows) -> DonationLine {
    DonationLine {
        state: Some(dispute.state.map_or("closed", DisputeState::name)),
        amount: dispute.amount,
        currency: dispute.currency.clone(),
        payment: Some(dispute.payment.clone()),
        event: dispute.event.clone(),
        ..DonationLine::of(LineKind::Dispute, CountsIn::Lost, &dispute.id, rows)
    }
}
