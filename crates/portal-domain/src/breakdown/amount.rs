//! The lines of the amount that was given or is expected.

use super::share::share;
use super::{
    CountedReason, CountsIn, DonationLine, DonationRows, InvoiceRow, LineKind, PaymentRow,
};
use crate::donation::DonationState;
use crate::ids::Currency;
use crate::ledger::{Evidence, Progress};

pub(super) fn lines(rows: &DonationRows) -> Vec<DonationLine> {
    let payments = rows.ledger.payments.iter();
    let Some(invoice) = &rows.ledger.invoice else {
        return payments.map(|it| of_payment(it, rows).counting((it.amount, None))).collect();
    };
    match rows.donation.state {
        DonationState::Paid => of_paid(invoice, rows),
        DonationState::Pending | DonationState::Failed => of_unpaid(invoice, rows),
    }
}

/// Counts the sum of the invoice's payments, or the amount that the invoice states as paid if that
/// is more.
fn of_paid(invoice: &InvoiceRow, rows: &DonationRows) -> Vec<DonationLine> {
    // The view takes the first currency of several, so this does too.
    let currency = rows.ledger.payments.iter().filter_map(|it| it.currency.as_ref()).min();
    let is_comparable = invoice.currency.is_none() || invoice.currency.as_ref() == currency;
    let mut lines = Vec::new();
    for payment in &rows.ledger.payments {
        let counting = if payment.progress.is_none() {
            (0, Some(CountedReason::NotReceived))
        } else if !payment.is_paid() {
            (0, Some(CountedReason::State))
        } else if !is_comparable {
            (0, Some(CountedReason::OtherCurrency))
        } else {
            let here = share(payment, rows).amount;
            (here, (here != payment.amount).then_some(CountedReason::Share))
        };
        lines.push(of_payment(payment, rows).counting(counting));
    }
    let beyond = (invoice.paid - lines.iter().map(|it| it.counted).sum::<i64>()).max(0);
    let reason = if invoice.progress.is_none() {
        Some(CountedReason::NotReceived)
    } else if beyond == invoice.paid {
        None
    } else if beyond == 0 {
        Some(CountedReason::InPayments)
    } else {
        Some(CountedReason::BeyondPayments)
    };
    lines.push(of_invoice(invoice, invoice.paid, rows).counting((beyond, reason)));
    lines
}

/// Counts the amount due of the invoice, or its largest payment if that is more.
fn of_unpaid(invoice: &InvoiceRow, rows: &DonationRows) -> Vec<DonationLine> {
    let payments = &rows.ledger.payments;
    let largest = payments.iter().map(|it| share(it, rows).amount).max().unwrap_or_default();
    let mut payment_counts = largest > invoice.amount;
    let asks = if payment_counts {
        (0, Some(CountedReason::LargerCounts))
    } else {
        (invoice.amount, None)
    };
    let mut lines = Vec::new();
    for payment in payments {
        let here = share(payment, rows).amount;
        let counting = if payment_counts && here == largest {
            payment_counts = false;
            (here, (here != payment.amount).then_some(CountedReason::Share))
        } else if payment.progress.is_none() {
            (0, Some(CountedReason::NotReceived))
        } else {
            (0, Some(CountedReason::LargerCounts))
        };
        lines.push(of_payment(payment, rows).counting(counting));
    }
    lines.push(of_invoice(invoice, invoice.amount, rows).counting(asks));
    lines
}

fn of_payment(payment: &PaymentRow, rows: &DonationRows) -> DonationLine {
    DonationLine {
        state: payment.progress.map(Progress::name),
        amount: payment.amount,
        currency: currency(payment.currency.as_ref(), rows),
        linked_by: payment.evidence.and_then(Evidence::link_name),
        event: payment.event.clone(),
        ..DonationLine::of(LineKind::Payment, CountsIn::Amount, &payment.id, rows)
    }
}

fn of_invoice(invoice: &InvoiceRow, amount: i64, rows: &DonationRows) -> DonationLine {
    DonationLine {
        state: invoice.progress.map(Progress::name),
        amount,
        currency: currency(invoice.currency.as_ref(), rows),
        event: invoice.event.clone(),
        ..DonationLine::of(LineKind::Invoice, CountsIn::Amount, &rows.donation.id, rows)
    }
}

fn currency(stated: Option<&Currency>, rows: &DonationRows) -> Currency {
    stated.unwrap_or(&rows.donation.currency).clone()
}
