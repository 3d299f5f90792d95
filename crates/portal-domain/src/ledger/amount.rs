//! Amounts that may be added up.

use crate::event::DeadReason;

/// The largest amount in minor units: Stripe takes up to twelve digits
/// (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>). Nine million of them
/// can be added up in 64 bits.
const AMOUNT_MAX: i64 = 999_999_999_999;

/// `amount`, where it is there and in range.
pub(super) fn amount(amount: Option<i64>) -> Result<i64, DeadReason> {
    let amount = amount.ok_or(DeadReason::FactsMissing)?;
    if (0..=AMOUNT_MAX).contains(&amount) { Ok(amount) } else { Err(DeadReason::AmountOutOfRange) }
}

/// A fact that the ledger cannot do without.
pub(super) fn needed<T: Clone>(fact: Option<&T>) -> Result<T, DeadReason> {
    fact.cloned().ok_or(DeadReason::FactsMissing)
}
