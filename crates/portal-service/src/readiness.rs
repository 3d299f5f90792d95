//! The check of readiness, and its last answer, which is repeated for a while.

use std::time::Duration;

use portal_domain::{Clock, Ready, Store, StoreError, Unavailable};

/// The last answer about readiness.
pub struct ReadinessCache {
    keep_for: Duration,
    last: Option<(Duration, Result<Ready, Unavailable>)>,
}

impl ReadinessCache {
    /// Returns a cache that repeats an answer for `keep_for`: a check writes to the database, and
    /// anybody may ask for one.
    #[must_use]
    pub fn new(keep_for: Duration) -> Self {
        Self { keep_for, last: None }
    }

    /// Returns the last answer while it is fresh.
    #[must_use]
    pub fn fresh(&self, clock: &dyn Clock) -> Option<Result<Ready, Unavailable>> {
        let (at, answer) = self.last.as_ref()?;
        (clock.monotonic().saturating_sub(*at) < self.keep_for).then(|| answer.clone())
    }

    /// Keeps an answer, or the error of a write, as of now. A check counts from its end, so that
    /// slow ones are not made more often than fast ones.
    pub fn keep(&mut self, answer: Result<Ready, Unavailable>, clock: &dyn Clock) {
        self.last = Some((clock.monotonic(), answer));
    }
}

/// Writes to the store, compares its clock with `clock`, and counts what is dead or waits.
///
/// # Errors
/// If the store failed.
pub async fn check_readiness(store: &dyn Store, clock: &dyn Clock) -> Result<Ready, StoreError> {
    let now = clock.now();
    let clock_ahead_seconds = store.ping(now).await?.map(|theirs| now.since(theirs));
    let channel_fails = store.channels().await?.iter().any(|it| it.is_failing);
    Ok(Ready { backlog: store.backlog().await?, clock_ahead_seconds, channel_fails })
}
