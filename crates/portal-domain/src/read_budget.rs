//! The budget of reads at Stripe, which allows a number of them over 30 days.
//!
//! Every account may read 10,000 times, whatever its traffic
//! (<https://docs.stripe.com/rate-limits#api-read-request-allocations>).

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::ports::Jobs;
use crate::stripe::{Fetched, Read, ReadError, Stripe};
use crate::time::Clock;

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
    /// The API.
    pub stripe: &'a dyn Stripe,
    pub store: &'a dyn Jobs,
    /// The number of reads in 30 days.
    pub budget: u64,
    /// Tells the time.
    pub clock: &'a dyn Clock,
}

#[async_trait]
impl Stripe for Budgeted<'_> {
    /// Counts the read first, so that it is counted whatever becomes of it. One that could not be
    /// counted is not made.
    async fn read(&self, read: &Read) -> Result<Fetched, ReadError> {
        let now = self.clock.now();
        match self.store.spend(0, now).await {
            Ok(spent) if spent < self.budget => {}
            Ok(_) => return Err(ReadError::BudgetSpent),
            Err(_) => return Err(ReadError::NotCounted),
        }
        self.store.spend(1, now).await.map_err(|_| ReadError::NotCounted)?;
        self.stripe.read(read).await
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
