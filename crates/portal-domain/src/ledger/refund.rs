//! Refunds: single ones, and the running total of a charge.

use super::amount::{Lack, amount, needed};
use super::{Change, Progress, Version};
use crate::event::Event;
use crate::facts::{self, Charge};
use crate::ids::{Currency, EnumWord, ObjectId};
use crate::time::UnixSeconds;

/// A refund, or the running total of a charge's refunds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refund {
    /// `re_…`; for the running total of a charge, the charge's id.
    pub id: ObjectId,
    pub payment: ObjectId,
    pub charge: Option<ObjectId>,
    /// True if this is the sum of all refunds of the charge so far.
    pub total: bool,
    /// [`Progress::Paid`] or [`Progress::Pending`]: the donor has the money or will get it;
    /// [`Progress::Failed`]: it came back; [`Progress::Canceled`]: it never left.
    pub progress: Progress,
    /// In minor units; a running total excludes `released`.
    pub amount: i64,
    /// Of a running total: the part of the authorisation that was never captured, in minor units.
    /// Stripe counts it as refunded, and may create a refund for it. 0 otherwise.
    pub released: i64,
    pub currency: Currency,
    pub livemode: bool,
    /// The creation of the refund; for a running total, the time of the view.
    pub made_at: UnixSeconds,
    /// The time of the view; for a failure, of its first view.
    pub at: UnixSeconds,
    /// The rank of the view. Between equal ones the greater amount counts before the event's id,
    /// because a running total grows.
    pub version: Version,
}

/// Even a successful refund may fail later, if the bank returns the money
/// (<https://docs.stripe.com/refunds#failed-refunds>).
mod finality {
    pub(super) const FAILED: u8 = 3;
    pub(super) const SUCCEEDED: u8 = 2;
    pub(super) const OPEN: u8 = 1;
}

pub(super) fn of_refund(event: &Event, facts: &facts::Refund) -> Result<Vec<Change>, Lack> {
    let Some(payment) = facts.payment().cloned() else {
        // A refund of a donor's cash balance returns money that never was a payment
        // (<https://docs.stripe.com/payments/customer-balance/refunding>).
        return Ok(Vec::new());
    };
    let (progress, finality) = match facts.status.get().map(EnumWord::as_str) {
        // Stripe returns the money to the donor's cash balance, not to the account.
        Some("failed" | "canceled") if to_cash_balance(facts) => (Progress::Paid, finality::FAILED),
        Some("failed") => (Progress::Failed, finality::FAILED),
        Some("canceled") => (Progress::Canceled, finality::FAILED),
        Some("succeeded") => (Progress::Paid, finality::SUCCEEDED),
        // The money counts as gone until the refund has failed or was canceled.
        _ if event.is_type("refund.failed") => (Progress::Failed, finality::FAILED),
        _ => (Progress::Pending, finality::OPEN),
    };
    let version = match progress {
        // A later event about a failure, such as a corrected reason, must not make the failure
        // later: a running total in between already contains it.
        Progress::Failed | Progress::Canceled => Version::of_the_first(finality, event),
        Progress::Begun | Progress::Pending | Progress::Paid => {
            Version::new(finality, event.seen_at(), progress.step(), event)
        }
    };
    Ok(vec![Change::Refund(Refund {
        id: needed("id", facts.id.get())?,
        payment,
        charge: facts.charge.get().cloned(),
        total: false,
        progress,
        amount: amount("amount", facts.amount)?,
        released: 0,
        currency: needed("currency", facts.currency.get())?,
        livemode: event.livemode,
        made_at: facts.created.get().copied().unwrap_or_default(),
        at: event.seen_at(),
        version,
    })])
}

/// Returns the authorised amount that was never captured. It is no refund, although
/// `amount_refunded` contains it
/// (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).
fn released(facts: &Charge) -> i64 {
    let authorised = facts.amount.unwrap_or_default();
    let collected = match (facts.amount_captured, facts.captured.get()) {
        (Some(collected), _) => collected,
        (None, Some(false)) => 0,
        (None, _) => authorised,
    };
    authorised.saturating_sub(collected).max(0)
}

fn to_cash_balance(facts: &facts::Refund) -> bool {
    let to = facts.destination_details.get().and_then(|it| it.kind.get());
    to.is_some_and(|it| it.as_str() == "customer_cash_balance")
}

/// Returns the running total of a charge; `None` for events that only begin a charge.
pub(super) fn of_charge_total(
    event: &Event,
    facts: &Charge,
    charge: ObjectId,
    payment: &ObjectId,
    currency: Currency,
) -> Result<Option<Refund>, Lack> {
    let begins = ["charge.succeeded", "charge.failed", "charge.pending", "charge.captured"];
    let begins = begins.iter().any(|it| event.is_type(it));
    let refunded = match facts.amount_refunded {
        None => return Ok(None),
        Some(0) if begins => return Ok(None),
        refunded => amount("amount_refunded", refunded)?,
    };
    let released = released(facts).min(refunded);
    Ok(Some(Refund {
        id: charge.clone(),
        payment: payment.clone(),
        charge: Some(charge),
        total: true,
        progress: Progress::Paid,
        amount: refunded - released,
        released,
        currency,
        livemode: event.livemode,
        made_at: event.seen_at(),
        at: event.seen_at(),
        version: Version::new(finality::OPEN, event.seen_at(), 0, event),
    }))
}
