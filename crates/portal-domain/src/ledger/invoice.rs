//! Invoices.

use super::amount::{Lack, amount, needed};
use super::{Change, Evidence, Link, Progress, Version};
use crate::event::{DeadReason, Event};
use crate::facts::{self, CheckoutSession};
use crate::ids::{Currency, EnumWord, ObjectId};
use crate::time::UnixSeconds;

/// One invoice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Invoice {
    /// `in_…`
    pub id: ObjectId,
    pub progress: Progress,
    /// The amount that was paid, or else that is due, in minor units; 0 if nothing was to be paid
    /// (a trial, a discount, the customer's credit).
    pub amount: i64,
    /// The amount that was paid so far, in minor units, even if it is only a part.
    pub paid: i64,
    pub currency: Currency,
    pub livemode: bool,
    /// True if a subscription created it.
    pub recurring: bool,
    /// True if it was paid outside Stripe.
    pub out_of_band: bool,
    /// The time of the payment, or of the view if it is not paid.
    pub at: UnixSeconds,
    pub version: Version,
}

/// An invoice's status only moves forward
/// (<https://docs.stripe.com/invoicing/overview#invoice-statuses>), so it ranks above the time.
mod finality {
    pub(super) const PAID: u8 = 15;
    pub(super) const PAID_BY_SESSION: u8 = 14;
    pub(super) const VOID: u8 = 12;
    pub(super) const UNCOLLECTIBLE: u8 = 11;
    pub(super) const OPEN: u8 = 10;
    pub(super) const DRAFT: u8 = 9;
}

pub(super) fn of_invoice(event: &Event, facts: &facts::Invoice) -> Result<Vec<Change>, Lack> {
    let id = needed("id", facts.id.get())?;
    let (progress, finality) = progress(event, facts)?;
    let out_of_band = progress == Progress::Paid && paid_out_of_band(facts);
    // Before basil, `amount_paid` does not contain out-of-band money.
    let is_paid = progress == Progress::Paid;
    let sum = if is_paid && facts.paid_out_of_band.get() != Some(&true) {
        // Before 2016 this field does not exist.
        facts.amount_paid.or(facts.amount_due)
    } else {
        facts.amount_due
    };
    let amount_of = |sum| amount("amount_paid or amount_due", sum);
    let paid = amount_of(if is_paid { sum } else { facts.amount_paid.or(Some(0)) })?;
    let paid_at = facts.status_transitions.get().and_then(|it| it.paid_at.get());
    let at = paid_at.filter(|_| is_paid).copied().unwrap_or(event.created);
    let invoice = Invoice {
        id: id.clone(),
        progress,
        amount: amount_of(sum)?,
        paid,
        currency: needed("currency", facts.currency.get())?,
        livemode: event.livemode,
        recurring: recurring(facts),
        out_of_band,
        at,
        version: Version::new(finality, event.seen_at(), progress.step(), event),
    };
    let link = facts.payment().map(|payment| {
        let (payment, invoice) = (payment.clone(), Some(id));
        Change::Link(Link { payment, invoice, evidence: Evidence::Field, share: 0 })
    });
    Ok([Some(Change::Invoice(invoice)), link].into_iter().flatten().collect())
}

impl Invoice {
    /// The first invoice of a subscription, as its paid Checkout session shows it.
    pub(super) fn of_checkout_session(
        event: &Event,
        facts: &CheckoutSession,
        id: ObjectId,
    ) -> Result<Self, Lack> {
        let amount = amount("amount_total", facts.amount_total)?;
        Ok(Self {
            id,
            progress: Progress::Paid,
            amount,
            paid: amount,
            currency: needed("currency", facts.currency.get())?,
            livemode: event.livemode,
            recurring: facts.subscription.get().is_some(),
            out_of_band: false,
            at: event.created,
            version: Version::new(finality::PAID_BY_SESSION, event.seen_at(), 0, event),
        })
    }
}

fn progress(event: &Event, facts: &facts::Invoice) -> Result<(Progress, u8), Lack> {
    // The first payment of a subscription in Checkout is attempted without being counted.
    let attempted = facts.attempted.get() == Some(&true)
        || facts.attempt_count.get().is_some_and(|&count| count > 0)
        || event.is_type("invoice.payment_failed");
    if event.is_type("invoice.deleted") {
        return Ok((Progress::Canceled, finality::VOID));
    }
    // Before 2018-11-08 there is no status.
    let status = match (facts.status.get(), facts.paid.get()) {
        (Some(status), _) => status.as_str(),
        (None, Some(true)) => "paid",
        (None, Some(false)) => "open",
        (None, None) => return Err((DeadReason::FactsMissing, "status")),
    };
    Ok(match status {
        "paid" => (Progress::Paid, finality::PAID),
        "void" => (Progress::Canceled, finality::VOID),
        "uncollectible" if attempted => (Progress::Failed, finality::UNCOLLECTIBLE),
        // The invoices of a paused subscription are never collected.
        "uncollectible" => (Progress::Canceled, finality::UNCOLLECTIBLE),
        "open" if attempted => (Progress::Failed, finality::OPEN),
        "open" => (Progress::Pending, finality::OPEN),
        _ => (Progress::Begun, finality::DRAFT),
    })
}

/// Before basil a field says so. Since then, a paid invoice with an amount that Stripe never tried
/// to collect was paid elsewhere.
fn paid_out_of_band(facts: &facts::Invoice) -> bool {
    facts.paid_out_of_band.get().copied().unwrap_or_else(|| {
        facts.attempted.get() == Some(&false) && facts.amount_paid.is_some_and(|paid| paid > 0)
    })
}

fn recurring(facts: &facts::Invoice) -> bool {
    let parent = facts.parent.get().and_then(|it| it.subscription_details.get());
    let by_reason = |reason: &EnumWord| reason.as_str().starts_with("subscription");
    facts.subscription.get().or_else(|| parent.and_then(|it| it.subscription.get())).is_some()
        || facts.billing_reason.get().is_some_and(by_reason)
}
