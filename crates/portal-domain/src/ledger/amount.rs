//! Checks that the facts of an event are complete and its amounts in range.

use crate::event::DeadReason;

/// The largest amount in minor units: Stripe takes up to twelve digits
/// (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>). The sum of nine
/// million of them fits 64 bits.
pub(crate) const AMOUNT_MAX: i64 = 999_999_999_999;

/// The reason why an event changes nothing, and the name of the fact that causes it.
pub(super) type Lack = (DeadReason, &'static str);

/// Returns `amount` if it is present and in range.
pub(super) fn amount(name: &'static str, amount: Option<i64>) -> Result<i64, Lack> {
    let amount = amount.ok_or((DeadReason::FactsMissing, name))?;
    let in_range = (0..=AMOUNT_MAX).contains(&amount);
    if in_range { Ok(amount) } else { Err((DeadReason::AmountOutOfRange, name)) }
}

/// Returns `amount` if it is present and in range on either side of zero.
pub(super) fn signed_amount(name: &'static str, amount: Option<i64>) -> Result<i64, Lack> {
    let amount = amount.ok_or((DeadReason::FactsMissing, name))?;
    let in_range = (-AMOUNT_MAX..=AMOUNT_MAX).contains(&amount);
    if in_range { Ok(amount) } else { Err((DeadReason::AmountOutOfRange, name)) }
}

/// Returns a fact that the ledger requires.
pub(super) fn needed<T: Clone>(name: &'static str, fact: Option<&T>) -> Result<T, Lack> {
    fact.cloned().ok_or((DeadReason::FactsMissing, name))
}
