//! A token bucket, which limits the rate of requests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The interval of new tokens: 10 a second, well below the 25 that a sandbox and each list allow
/// (<https://docs.stripe.com/rate-limits>), so that other users of the account have room.
const REFILL_EVERY: Duration = Duration::from_millis(100);

/// The capacity of the bucket.
const TOKENS: u32 = 20;

/// The tokens of one client, stored as the moment at which the bucket would be full again.
pub(super) struct Bucket(Mutex<Duration>);

impl Bucket {
    pub(super) fn full() -> Self {
        Self(Mutex::default())
    }

    /// Takes a token at `now`, and returns the time to wait until it is available.
    pub(super) fn take(&self, now: Duration) -> Duration {
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *full_at = (*full_at).max(now) + REFILL_EVERY;
        full_at.saturating_sub(now + REFILL_EVERY * TOKENS)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Bucket;

    #[test]
    fn twenty_go_at_once_and_then_ten_a_second() {
        let bucket = Bucket::full();
        let now = Duration::from_secs(1000);
        let waits: Vec<_> = (0..25).map(|_| bucket.take(now).as_millis()).collect();
        let expected: Vec<_> = [0; 20].into_iter().chain([100, 200, 300, 400, 500]).collect();
        assert_eq!(waits, expected);
    }

    #[test]
    fn unused_tokens_return_up_to_the_capacity() {
        let bucket = Bucket::full();
        for seconds in [1000, 1002, 9000] {
            let now = Duration::from_secs(seconds);
            let at_once = (0..20).filter(|_| bucket.take(now).is_zero()).count();
            assert_eq!(at_once, 20, "{seconds}");
        }
        assert_eq!(bucket.take(Duration::from_secs(9000)), Duration::from_millis(100));
    }
}
