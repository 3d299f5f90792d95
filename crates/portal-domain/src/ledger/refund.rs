//! Refunds: one by one, or as a charge's running total.

use super::amount::{Lack, amount, needed};
use super::{Change, Progress, Version};
use crate::event::Event;
use crate::facts::{self, Charge};
use crate::ids::{Currency, EnumWord, ObjectId};
use crate::time::UnixSeconds;

/// Money that went back, or was to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refund {
    /// `re_…`; for a charge's running total the charge's id.
    pub id: ObjectId,
    /// The payment that is given back.
    pub payment: ObjectId,
    /// The charge that is given back.
    pub charge: Option<ObjectId>,
    /// Whether this is the sum of all the charge's refunds so far.
    pub total: bool,
    /// [`Progress::Paid`] or [`Progress::Pending`]: the donor has it, or will;
    /// [`Progress::Failed`]: it came back; [`Progress::Canceled`]: it never left.
    pub progress: Progress,
    /// In minor units; of a running total without what was released.
    pub amount: i64,
    /// Of a running total: what the authorisation held and nobody collected, in minor units. Stripe
    /// books it as given back, and may make a refund of it; else 0.
    pub released: i64,
    /// Currency of the amount.
    pub currency: Currency,
    /// Live money or a test.
    pub livemode: bool,
    /// When the refund was made; of a running total: when it was seen.
    pub made_at: UnixSeconds,
    /// When this was seen; of a failure: when it was seen first.
    pub at: UnixSeconds,
    /// How firmly this stands. Of two equals the greater amount counts before the event's id: a
    /// running total grows.
    pub version: Version,
}

/// Even a refund that has succeeded may fail later, when the bank sends the money back
/// (<https://docs.stripe.com/refunds#failed-refunds>).
mod finality {
    pub(super) const FAILED: u8 = 3;
    pub(super) const SUCCEEDED: u8 = 2;
    pub(super) const OPEN: u8 = 1;
}

pub(super) fn of_refund(event: &Event, facts: &facts::Refund) -> Result<Vec<Change>, Lack> {
    let Some(payment) = facts.payment().cloned() else {
        // A donor's cash balance is given back: that money was never a payment
        // (<https://docs.stripe.com/payments/customer-balance/refunding>).
        return Ok(Vec::new());
    };
    let (progress, finality) = match facts.status.get().map(EnumWord::as_str) {
        // Stripe books it into the donor's balance, not back to the account.
        Some("failed" | "canceled") if to_cash_balance(facts) => (Progress::Paid, finality::FAILED),
        Some("failed") => (Progress::Failed, finality::FAILED),
        Some("canceled") => (Progress::Canceled, finality::FAILED),
        Some("succeeded") => (Progress::Paid, finality::SUCCEEDED),
        // Unless it is said to be over, the money is gone or will be.
        _ if event.is_type("refund.failed") => (Progress::Failed, finality::FAILED),
        _ => (Progress::Pending, finality::OPEN),
    };
    let version = match progress {
        // A later word on a failure, such as a corrected reason, does not make it a later failure:
        // a charge's running total in between knows of it already.
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

/// What was authorised and not collected: no refund, though `amount_refunded` contains it
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

/// The running total that a charge carries; none in the events that only begin a charge.
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
