//! Payments.

use super::amount::{Lack, amount, needed};
use super::link::link_by_field;
use super::refund::of_charge_total;
use super::{Change, Evidence, Invoice, Link, Progress, Version};
use crate::event::{Event, Payload};
use crate::facts::{Charge, CheckoutSession, InvoicePayment, NoInvoice, PaymentIntent};
use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

/// One payment: a PaymentIntent, or a charge that has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// `pi_…`, or `ch_…` if there is no PaymentIntent.
    pub id: ObjectId,
    pub progress: Progress,
    /// The amount that was collected, or else that is expected, in minor units.
    pub amount: i64,
    pub currency: Currency,
    pub livemode: bool,
    /// The time of the payment, or of the view if it is not paid.
    pub at: UnixSeconds,
    pub version: Version,
}

/// Since this time (2019-03-15, in Unix seconds) each finalized invoice has a PaymentIntent, so a
/// charge without one belongs to no invoice (<https://docs.stripe.com/changelog/2019-03-14>).
const INVOICES_HAVE_PAYMENTS_SINCE: i64 = 1_552_608_000;

/// The finality of a view of a payment; the source that knows the payment best ranks first.
mod finality {
    pub(super) const PAID_BY_PAYMENT_INTENT: u8 = 11;
    /// From the event of the collection itself.
    pub(super) const COLLECTED_BY_CHARGE: u8 = 10;
    /// From the payment in Stripe's API, which lacks the time of collection: a debit may have begun
    /// days before.
    pub(super) const SEEN_PAID: u8 = 9;
    pub(super) const PAID_BY_CHARGE: u8 = 8;
    pub(super) const PAID_BY_SESSION: u8 = 7;
    pub(super) const PAID_BY_INVOICE_PAYMENT: u8 = 6;
    pub(super) const CANCELED: u8 = 5;
    pub(super) const OPEN: u8 = 1;
}

pub(super) fn of_payment_intent(event: &Event, facts: &PaymentIntent) -> Result<Vec<Change>, Lack> {
    let id = needed("id", facts.id.get())?;
    let (progress, finality) = match needed("status", facts.status.get())?.as_str() {
        "succeeded" if event.payload == Payload::Object => (Progress::Paid, finality::SEEN_PAID),
        "succeeded" => (Progress::Paid, finality::PAID_BY_PAYMENT_INTENT),
        "canceled" if is(&facts.cancellation_reason, &["void_invoice", "failed_invoice"]) => {
            (Progress::Canceled, finality::CANCELED)
        }
        "canceled" => (Progress::Failed, finality::CANCELED),
        "requires_action" if waits_for_the_visitor(facts) => (Progress::Begun, finality::OPEN),
        "processing" | "requires_action" | "requires_capture" => {
            (Progress::Pending, finality::OPEN)
        }
        _ if facts.last_payment_error.get().is_some() => (Progress::Failed, finality::OPEN),
        _ => (Progress::Begun, finality::OPEN),
    };
    let paid = progress == Progress::Paid;
    let seen = Sighting { progress, finality, at: event.created };
    let collected = facts.amount_received.filter(|_| paid);
    let sum = amount("amount", collected.or(facts.amount))?;
    let payment = seen.payment(event, &id, sum, needed("currency", facts.currency.get())?);
    let hint = facts.payment_details.get().and_then(|it| it.order_reference.get());
    let link = link_by_field(&id, &facts.invoice).or_else(|| {
        let invoice = Some(hint?.id().clone());
        Some(Link { payment: id.clone(), invoice, evidence: Evidence::Hint, share: 0 })
    });
    Ok([Some(Change::Payment(payment)), link.map(Change::Link)].into_iter().flatten().collect())
}

pub(super) fn of_charge(event: &Event, facts: &Charge) -> Result<Vec<Change>, Lack> {
    let charge = needed("id", facts.id.get())?;
    let id = facts.payment_intent.get().unwrap_or(&charge).clone();
    let progress = progress_of_charge(event, facts)?;
    let made_at = facts.created.get().copied().unwrap_or(event.created);
    // Money may come days after the charge was created; later events, such as a refund, do not
    // change the time of payment.
    let collects = ["charge.succeeded", "charge.captured"].iter().any(|it| event.is_type(it));
    let (finality, at) = match progress {
        Progress::Paid if collects => (finality::COLLECTED_BY_CHARGE, event.created),
        Progress::Paid => (finality::PAID_BY_CHARGE, made_at),
        Progress::Begun | Progress::Pending | Progress::Failed | Progress::Canceled => {
            (finality::OPEN, made_at)
        }
    };
    let collected = facts.amount_captured.filter(|_| progress == Progress::Paid);
    let currency = needed("currency", facts.currency.get())?;
    let payment = Sighting { progress, finality, at }.payment(
        event,
        &id,
        amount("amount", collected.or(facts.amount))?,
        currency.clone(),
    );
    let alone =
        facts.payment_intent.get().is_none() && made_at.get() >= INVOICES_HAVE_PAYMENTS_SINCE;
    let link = link_by_field(&id, &facts.invoice).or_else(|| {
        let (payment, evidence) = (id.clone(), Evidence::NoInvoiceByField);
        alone.then_some(Link { payment, invoice: None, evidence, share: 0 })
    });
    let link = link.map(Change::Link);
    let refunded = of_charge_total(event, facts, charge, &id, currency)?.map(Change::Refund);
    Ok([Some(Change::Payment(payment)), link, refunded].into_iter().flatten().collect())
}

pub(super) fn of_invoice_payment(
    event: &Event,
    facts: &InvoicePayment,
) -> Result<Vec<Change>, Lack> {
    // Money paid outside Stripe has no payment; its invoice shows that it is paid.
    let (Some(id), false) = (facts.payment(), is(&facts.status, &["canceled"])) else {
        return Ok(Vec::new());
    };
    let invoice = Some(needed("invoice", facts.invoice.get())?);
    let paid = is(&facts.status, &["paid"]);
    let share = if paid { amount("amount_paid", facts.amount_paid)? } else { 0 };
    let evidence = Evidence::InvoicePayment;
    let mut changes = vec![Change::Link(Link { payment: id.clone(), invoice, evidence, share })];
    if paid {
        let paid_at = facts.status_transitions.get().and_then(|it| it.paid_at.get());
        let seen = Sighting {
            progress: Progress::Paid,
            finality: finality::PAID_BY_INVOICE_PAYMENT,
            at: paid_at.copied().unwrap_or(event.created),
        };
        let currency = needed("currency", facts.currency.get())?;
        changes.push(Change::Payment(seen.payment(event, id, share, currency)));
    }
    Ok(changes)
}

pub(super) fn of_no_invoice(facts: &NoInvoice) -> Result<Vec<Change>, Lack> {
    let payment = needed("id", facts.id.get())?;
    let evidence = Evidence::NoInvoiceByLookup;
    Ok(vec![Change::Link(Link { payment, invoice: None, evidence, share: 0 })])
}

pub(super) fn of_checkout_session(
    event: &Event,
    facts: &CheckoutSession,
) -> Result<Vec<Change>, Lack> {
    let paid = is(&facts.payment_status, &["paid"]);
    let Some(id) = facts.payment_intent.get() else {
        // In `subscription` mode the session paid the first invoice.
        let invoice = facts.invoice.get().filter(|_| paid);
        return invoice.map_or(Ok(Vec::new()), |invoice| {
            let invoice = Invoice::of_checkout_session(event, facts, invoice.clone())?;
            Ok(vec![Change::Invoice(invoice)])
        });
    };
    let failed = event.event_type.as_str().ends_with(".async_payment_failed");
    let (progress, finality) = match (paid, failed) {
        (true, _) => (Progress::Paid, finality::PAID_BY_SESSION),
        (false, true) => (Progress::Failed, finality::OPEN),
        (false, false)
            if is(&facts.payment_status, &["unpaid"]) && is(&facts.status, &["complete"]) =>
        {
            (Progress::Pending, finality::OPEN)
        }
        (false, false) => return Ok(Vec::new()),
    };
    let seen = Sighting { progress, finality, at: event.created };
    let currency = needed("currency", facts.currency.get())?;
    let payment = seen.payment(event, id, amount("amount_total", facts.amount_total)?, currency);
    let invoice = facts.invoice.get().cloned();
    let creates_one = facts.invoice_creation.get().and_then(|it| it.enabled.get()) == Some(&true);
    let evidence = match (&invoice, paid) {
        (Some(_), _) => Some(Evidence::CheckoutSession),
        (None, true) if !creates_one => Some(Evidence::NoInvoiceBySession),
        (None, _) => None,
    };
    let payment_id = id.clone();
    let link = evidence.map(|evidence| Link { payment: payment_id, invoice, evidence, share: 0 });
    Ok([Some(Change::Payment(payment)), link.map(Change::Link)].into_iter().flatten().collect())
}

/// The view of a payment in one event.
struct Sighting {
    progress: Progress,
    finality: u8,
    at: UnixSeconds,
}

impl Sighting {
    fn payment(self, event: &Event, id: &ObjectId, amount: i64, currency: Currency) -> Payment {
        let Self { progress, finality, at } = self;
        Payment {
            id: id.clone(),
            progress,
            amount,
            currency,
            livemode: event.livemode,
            at,
            version: Version::new(finality, event.seen_at(), progress.step(), event),
        }
    }
}

/// Returns the progress by the charge's status, or by the fields that replace it in old API
/// versions (<https://docs.stripe.com/changelog/2015-02-18/charges-succeed-have-succeeded-status>).
fn progress_of_charge(event: &Event, facts: &Charge) -> Result<Progress, Lack> {
    let paid = facts.paid.get();
    if paid.is_none() {
        needed("status", facts.status.get())?;
    }
    let captured = facts.captured.get() != Some(&false);
    let succeeded = || paid == Some(&true) || event.is_type("charge.succeeded");
    Ok(match facts.status.get().map(EnumWord::as_str) {
        Some("pending") => Progress::Pending,
        Some("failed") => Progress::Failed,
        status if status == Some("succeeded") || succeeded() => match facts.refunded.get() {
            _ if captured => Progress::Paid,
            // The authorisation was released.
            Some(true) => Progress::Canceled,
            _ => Progress::Pending,
        },
        _ if event.is_type("charge.failed") => Progress::Failed,
        _ => Progress::Begun,
    })
}

/// True if the donor must confirm on the page, as for 3-D Secure, and will not come back once the
/// page is closed. A voucher or a bank transfer is paid elsewhere, days later.
fn waits_for_the_visitor(facts: &PaymentIntent) -> bool {
    match facts.next_action.get().and_then(|it| it.kind.get()) {
        Some(kind) => kind.as_str() == "use_stripe_sdk" || kind.as_str().contains("redirect"),
        None => {
            let types = facts.payment_method_types.get().into_iter().flatten();
            let mut types = types.filter_map(Lenient::get).peekable();
            types.peek().is_some() && types.all(|it| it.as_str() == "card")
        }
    }
}

fn is(value: &Lenient<EnumWord>, names: &[&str]) -> bool {
    value.get().is_some_and(|it| names.contains(&it.as_str()))
}
