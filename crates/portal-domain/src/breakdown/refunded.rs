//! The lines of the refunded amount.

use super::fit::cap;
use super::share::shared;
use super::{
    ChargeTotalRow, CountedReason, CountsIn, CreditNoteRow, DonationLine, DonationRows, LineKind,
    PaymentRow, RefundRow, nothing_where_it_is_not_paid,
};
use crate::ledger::Progress;

pub(super) fn lines(rows: &DonationRows) -> Vec<DonationLine> {
    let mut all = shared(rows, of_payment, |share| share.refunded);
    all.extend(rows.ledger.credit_notes.iter().map(|it| of_credit_note(it, rows)));
    nothing_where_it_is_not_paid(&mut all, rows);
    cap(&mut all, rows.donation.refunded);
    all
}

/// Refunds are known singly and as the running total of each charge; the greater sum counts.
fn of_payment(payment: &PaymentRow, rows: &DonationRows) -> Vec<DonationLine> {
    let refunds: Vec<_> =
        rows.ledger.refunds.iter().filter(|it| it.payment == payment.id).collect();
    let totals: Vec<_> =
        rows.ledger.charge_totals.iter().filter(|it| it.payment == payment.id).collect();
    let released: i64 = totals.iter().map(|it| it.released).sum();
    let single = refunds.iter().filter(|it| has_gone(it)).map(|it| it.amount).sum::<i64>();
    let in_all: i64 = totals.iter().map(|it| went_back(it, rows)).sum();
    let total_decides = in_all > single - released;

    let mut lines: Vec<_> =
        refunds.into_iter().map(|it| of_refund(it, total_decides, rows)).collect();
    for total in totals {
        if total.amount > 0 {
            lines.push(of_total(total, total_decides, rows));
        }
        if total.released > 0 {
            lines.push(of_released(total, total_decides, rows));
        }
    }
    lines
}

fn has_gone(refund: &RefundRow) -> bool {
    matches!(refund.progress, Progress::Paid | Progress::Pending)
}

/// Returns the total without refunds that failed later, if they were created before it.
fn went_back(total: &ChargeTotalRow, rows: &DonationRows) -> i64 {
    let came_back = |it: &&RefundRow| {
        it.charge.as_ref() == Some(&total.charge)
            && matches!(it.progress, Progress::Failed | Progress::Canceled)
            && it.made_at <= total.at
            && it.at >= total.at
    };
    let came_back: i64 = rows.ledger.refunds.iter().filter(came_back).map(|it| it.amount).sum();
    (total.amount - came_back).max(0)
}

fn of_refund(refund: &RefundRow, total_decides: bool, rows: &DonationRows) -> DonationLine {
    let counting = match (has_gone(refund), total_decides) {
        (false, _) => (0, Some(CountedReason::State)),
        (true, true) => (0, Some(CountedReason::InChargeTotal)),
        (true, false) => (refund.amount, None),
    };
    let state = match refund.progress {
        Progress::Paid => "succeeded",
        Progress::Begun | Progress::Pending | Progress::Failed | Progress::Canceled => {
            refund.progress.name()
        }
    };
    DonationLine {
        state: Some(state),
        amount: refund.amount,
        currency: refund.currency.clone(),
        payment: Some(refund.payment.clone()),
        charge: refund.charge.clone(),
        event: refund.event.clone(),
        ..DonationLine::of(LineKind::Refund, CountsIn::Refunded, &refund.id, rows)
    }
    .counting(counting)
}

fn of_credit_note(note: &CreditNoteRow, rows: &DonationRows) -> DonationLine {
    let (state, reason) =
        if note.amount == 0 { ("void", Some(CountedReason::State)) } else { ("issued", None) };
    DonationLine {
        state: Some(state),
        amount: note.amount,
        event: note.event.clone(),
        ..DonationLine::of(LineKind::CreditNote, CountsIn::Refunded, &note.id, rows)
    }
    .counting((note.amount, reason))
}

fn of_total(total: &ChargeTotalRow, decides: bool, rows: &DonationRows) -> DonationLine {
    let went_back = went_back(total, rows);
    let counting = if decides {
        (went_back, (went_back < total.amount).then_some(CountedReason::CameBack))
    } else {
        (0, Some(CountedReason::InRefunds))
    };
    of_charge(LineKind::ChargeTotal, total.amount, total, rows).counting(counting)
}

/// One of the single refunds may be the released part of the authorisation.
fn of_released(total: &ChargeTotalRow, total_decides: bool, rows: &DonationRows) -> DonationLine {
    let counting = if total_decides {
        (0, Some(CountedReason::NotInChargeTotal))
    } else {
        (-total.released, None)
    };
    of_charge(LineKind::Released, total.released, total, rows).counting(counting)
}

fn of_charge(
    kind: LineKind,
    amount: i64,
    total: &ChargeTotalRow,
    rows: &DonationRows,
) -> DonationLine {
    DonationLine {
        amount,
        currency: total.currency.clone(),
        payment: Some(total.payment.clone()),
        charge: Some(total.charge.clone()),
        event: total.event.clone(),
        ..DonationLine::of(kind, CountsIn::Refunded, &total.charge, rows)
    }
}
