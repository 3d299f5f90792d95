//! Time and chance for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use portal_domain::{Chance, Clock, UnixSeconds};

/// A clock that goes on only when a test says so. Its clones are the same clock.
#[derive(Clone, Default)]
pub struct FakeClock {
    seconds: Arc<AtomicI64>,
    /// The time that has passed for the monotonic clock alone, in milliseconds.
    waited: Arc<AtomicU64>,
    /// The time that passes for the monotonic clock with each reading, in milliseconds.
    each_look: u64,
}

impl FakeClock {
    /// Shows so many seconds since 1970.
    #[must_use]
    pub fn at(seconds: i64) -> Self {
        Self { seconds: Arc::new(AtomicI64::new(seconds)), ..Self::default() }
    }

    /// The same, and its monotonic clock goes on by so many milliseconds with each look.
    #[must_use]
    pub fn with_each_look(self, milliseconds: u64) -> Self {
        Self { each_look: milliseconds, ..self }
    }

    /// Shows so many seconds since 1970 from now on.
    pub fn set(&self, seconds: i64) {
        self.seconds.store(seconds, Ordering::SeqCst);
    }

    /// Lets so many seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Lets time pass for the monotonic clock alone, as a pause does that no test waits for.
    pub fn wait(&self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.waited.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Returns the shared seconds, for users that know no clocks.
    #[must_use]
    pub fn seconds(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.seconds)
    }
}

impl Clock for FakeClock {
    /// # Panics
    /// If the test has set it to a time that no calendar has.
    fn now(&self) -> UnixSeconds {
        crate::at(self.seconds.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        let waited = self.waited.fetch_add(self.each_look, Ordering::SeqCst);
        Duration::from_secs(self.now().get().unsigned_abs()) + Duration::from_millis(waited)
    }
}

/// Chance that always comes to the same number.
#[derive(Clone, Copy, Default)]
pub struct FakeChance(pub u64);

impl Chance for FakeChance {
    fn number(&self) -> u64 {
        self.0
    }
}
