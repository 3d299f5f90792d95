//! Rates, fees and days of a Japanese account, near those of 2026. Only sums depend on them.

use crate::stripe::object::Method;
use crate::stripe::time::DAY;

/// Working days until money can be paid out, and until a payout arrives.
const WORKING_DAYS: usize = 4;

/// The fee of a dispute in minor units of the balance.
pub(crate) const DISPUTE_FEE: i64 = 1300;

/// A fee, and the tax within it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fee {
    pub(crate) whole: i64,
    pub(crate) tax: i64,
}

/// Returns the fee of a payment of that amount in the balance's currency. There is tax on those of
/// konbini and JCB, and none on those of Visa
/// (<https://support.stripe.com/questions/taxes-on-stripe-fees-for-businesses-in-japan>).
pub(crate) fn fee_of(method: Method, amount: i64, converted: bool) -> Fee {
    let thousandths = if converted { 56 } else { 36 };
    let by_amount = rounded(amount * thousandths, 1000);
    let (net, taxed) = match method {
        Method::Card => (by_amount, false),
        Method::Jcb => (by_amount, true),
        Method::Konbini => (by_amount.max(120), true),
    };
    let tax = if taxed { net / 10 } else { 0 };
    Fee { whole: net + tax, tax }
}

/// Returns ten-thousandths of the balance's minor unit for one minor unit, which change by the day.
pub(crate) fn rate_of(currency: &str, at: i64) -> i64 {
    let base = match currency {
        "usd" => 14_983,
        "eur" => 16_280,
        _ => 10_000,
    };
    base + at.div_euclid(DAY).rem_euclid(7) * 17
}

pub(crate) fn converted(amount: i64, rate: i64) -> i64 {
    rounded(amount * rate, 10_000)
}

/// Returns the midnight, in UTC, after so many days that banks work.
pub(crate) fn when_available(at: i64) -> i64 {
    // The first day of 1970 was a Thursday.
    let is_working = |day: &i64| (day + 3).rem_euclid(7) < 5;
    let days = (at.div_euclid(DAY) + 1..).filter(is_working);
    days.take(WORKING_DAYS).last().unwrap_or_default() * DAY
}

fn rounded(dividend: i64, divisor: i64) -> i64 {
    (dividend + divisor / 2).div_euclid(divisor)
}
