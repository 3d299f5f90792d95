//! The account: what came to the balance in a period and what left it, and whether that is what
//! Stripe says of the balance.

use serde::Serialize;

use super::{Part, Parts};
use crate::ids::Currency;
use crate::stripe::Window;
use crate::time::UnixSeconds;

/// Stripe's word on one balance at a moment, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceReading {
    pub currency: Currency,
    pub livemode: bool,
    pub at: UnixSeconds,
    pub available: i64,
    pub pending: i64,
}

/// The sum of the lines of one part, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineSum {
    /// `None` for payouts' own lines.
    pub part: Option<Part>,
    pub lines: u64,
    pub amount: i64,
    pub fee: i64,
    pub fee_tax: i64,
    pub net: i64,
}

/// A reading of the balance, carried on by the lines from then up to a later moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedReading {
    pub reading: BalanceReading,
    /// The sum of `net` of the lines from the reading up to that moment.
    pub net: i64,
}

impl CarriedReading {
    fn sum(&self) -> i64 {
        let BalanceReading { available, pending, .. } = self.reading;
        available.saturating_add(pending).saturating_add(self.net)
    }
}

/// The account of one currency over a period in which all lines are known. Amounts are in minor
/// units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    pub currency: Currency,
    pub since: UnixSeconds,
    pub until: UnixSeconds,
    /// The balance at the beginning; `None` if it was never read.
    pub opening: Option<i64>,
    /// True if nobody read the balance before the period, so that the opening follows from the end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub opening_is_derived: bool,
    pub parts: Parts,
    /// The money that payouts took away, also those that failed later.
    pub payouts: i64,
    pub closing: Option<i64>,
    /// Stripe's last word on the balance within the period, or before it.
    pub stripe_says: Option<StripeBalance>,
    /// True if the lines between two readings are what the balance changed by; `None` if there are not
    /// two.
    pub adds_up: Option<bool>,
}

/// Stripe's word on the balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StripeBalance {
    pub available: i64,
    pub pending: i64,
}

impl Account {
    /// Makes the account of `window` from the sums of its lines, the last reading up to its beginning,
    /// and the last one up to its end.
    #[must_use]
    pub fn of(
        currency: Currency,
        window: Window,
        sums: &[LineSum],
        before: Option<&CarriedReading>,
        last: Option<&CarriedReading>,
    ) -> Self {
        let (mut parts, mut payouts, mut net) = (Parts::default(), 0_i64, 0_i64);
        for it in sums {
            if it.part.is_none() {
                payouts = payouts.saturating_add(it.amount);
            }
            parts.add(it.part, it.amount, it.fee, it.fee_tax);
            net = net.saturating_add(it.net);
        }
        let opening = before.map(CarriedReading::sum);
        let read = last.map(CarriedReading::sum);
        let closing = opening.map(|it| it.saturating_add(net)).or(read);
        let two =
            before.zip(last).is_some_and(|(before, last)| before.reading.at < last.reading.at);
        Self {
            currency,
            since: window.since,
            until: window.until,
            opening: opening.or_else(|| Some(closing?.saturating_sub(net))),
            opening_is_derived: opening.is_none() && closing.is_some(),
            parts,
            payouts,
            closing,
            stripe_says: last.map(|it| StripeBalance {
                available: it.reading.available,
                pending: it.reading.pending,
            }),
            adds_up: closing.zip(read).filter(|_| two).map(|(closing, read)| closing == read),
        }
    }
}
