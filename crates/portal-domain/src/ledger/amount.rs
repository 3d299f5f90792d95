//! Facts that the ledger cannot do without, and amounts that may be added up.

use crate::event::DeadReason;

/// The largest amount in minor units: Stripe takes up to twelve digits
/// (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>). Nine million of them
/// can be added up in 64 bits.
const AMOUNT_MAX: i64 = 999_999_999_999;

/// Why an event changes nothing, and the name of the fact that is in the way.
pub(super) type Lack = (DeadReason, &'static str);

/// `amount`, where it is there and in range.
pub(super) fn amount(name: &'static str, amount: Option<i64>) -> Result<i64, Lack> {
    let amount = amount.ok_or((DeadReason::FactsMissing, name))?;
    let in_range = (0..=AMOUNT_MAX).contains(&amount);
    if in_range { Ok(amount) } else { Err((DeadReason::AmountOutOfRange, name)) }
}

/// A fact that the ledger cannot do without.
pub(super) fn needed<T: Clone>(name: &'static str, fact: Option<&T>) -> Result<T, Lack> {
    fact.cloned().ok_or((DeadReason::FactsMissing, name))
}
