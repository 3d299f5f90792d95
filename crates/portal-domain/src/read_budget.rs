//! The budget of reads at Stripe, which allows a number of them over 30 days.
//!
//! Every account may read 10,000 times, whatever its traffic
//! (<https://docs.stripe.com/rate-limits#api-read-request-allocations>).

use std::sync::OnceLock;

use async_trait::async_trait;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::ports::{Jobs, StoreError};
use crate::stripe::{Fetched, Read, ReadError, Stripe};
use crate::time::{Clock, UnixSeconds};

/// The default number of reads in 30 days: the allowance of every account, less a fifth
/// for people and for other programs.
pub const BUDGET: u64 = 8_000;

/// Over how many days reads are counted.
pub const BUDGET_DAYS: i64 = 30;

/// The interval of polls while the budget is whole.
pub const POLL_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// The longest interval, so that a raised budget takes effect within it.
const POLL_EVERY_MAX: SignedDuration = SignedDuration::from_hours(6);

/// Returns the interval of polls when `remaining` reads are left: the fewer, the longer.
///
/// Over 30 days this comes to rest where polls of one page come to eight ninths of the budget: every 6
/// minutes with 8,000.
#[must_use]
pub fn poll_every(remaining: u64) -> SignedDuration {
    let days = SignedDuration::from_hours(24 * BUDGET_DAYS);
    let share = i64::try_from(remaining.max(1).saturating_mul(8)).unwrap_or(i64::MAX);
    SignedDuration::from_secs(days.as_secs() / share).clamp(POLL_EVERY, POLL_EVERY_MAX)
}

/// Stripe's API within the budget that all processes on the store share.
pub struct Budgeted<'a> {
    stripe: &'a dyn Stripe,
    store: &'a dyn Jobs,
    budget: u64,
    clock: &'a dyn Clock,
    compared: OnceLock<ClockComparison>,
}

/// This machine's clock beside Stripe's, by an answer of Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockComparison {
    /// The seconds that this machine's is certainly ahead; negative where it is behind.
    pub ahead_seconds: i64,
    /// The time of the answer, by this machine's clock.
    pub at: UnixSeconds,
}

impl<'a> Budgeted<'a> {
    /// Reads by `stripe`, up to `budget` times in [`BUDGET_DAYS`], and counts that in `store`.
    #[must_use]
    pub fn new(
        stripe: &'a dyn Stripe,
        store: &'a dyn Jobs,
        budget: u64,
        clock: &'a dyn Clock,
    ) -> Self {
        Self { stripe, store, budget, clock, compared: OnceLock::new() }
    }

    /// Returns the number of reads that are left.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn left(&self) -> Result<u64, StoreError> {
        let spent = self.store.spend(0, self.clock.now()).await?;
        Ok(self.budget.saturating_sub(spent))
    }

    /// Returns the comparison of the clocks by the first answer, if there was one.
    #[must_use]
    pub fn clock_comparison(&self) -> Option<ClockComparison> {
        self.compared.get().copied()
    }
}

#[async_trait]
impl Stripe for Budgeted<'_> {
    /// Counts the read first, so that it is counted whatever becomes of it. One that could not be
    /// counted is not made.
    async fn read(&self, read: &Read) -> Result<Fetched, ReadError> {
        let now = self.clock.now();
        match self.left().await {
            Ok(1..) => {}
            Ok(0) => return Err(ReadError::BudgetSpent),
            Err(_) => return Err(ReadError::NotCounted),
        }
        self.store.spend(1, now).await.map_err(|_| ReadError::NotCounted)?;
        let before = self.clock.now();
        let fetched = self.stripe.read(read).await?;
        let at = self.clock.now();
        let ahead_seconds = fetched.clock_ahead(before, at);
        self.compared.get_or_init(|| ClockComparison { ahead_seconds, at });
        Ok(fetched)
    }
}

#[cfg(test)]
mod tests {
    use super::{BUDGET, poll_every};

    #[test]
    fn a_whole_budget_is_asked_every_five_minutes() {
        assert_eq!(poll_every(BUDGET).as_secs(), 300);
    }

    #[test]
    fn the_less_is_left_the_longer_is_waited() {
        assert_eq!(poll_every(800).as_secs(), 405);
        assert_eq!(poll_every(80).as_secs(), 4050);
        assert_eq!(poll_every(0).as_secs(), 6 * 3600);
    }
}
