//! The times in which this process answered deliveries, as a histogram by outcome.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use portal_domain::{AnswerOutcome, UnixSeconds};

/// The upper bounds of the buckets, in microseconds: 1 ms to 5 s. The last bucket has no bound.
pub const ANSWER_BOUNDS_MICROS: [u64; 12] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_500_000,
    5_000_000,
];

/// The number of deliveries in each bucket.
pub type AnswerBuckets = [u64; ANSWER_BOUNDS_MICROS.len() + 1];

/// A histogram for each outcome. Counting a delivery is two atomic additions, because the intake does
/// it; so a reader may see one of the two only.
pub struct AnswerTimes {
    since: UnixSeconds,
    by_outcome: [OutcomeTimes; AnswerOutcome::ALL.len()],
}

#[derive(Default)]
struct OutcomeTimes {
    buckets: [AtomicU64; ANSWER_BOUNDS_MICROS.len() + 1],
    micros: AtomicU64,
}

impl AnswerTimes {
    /// Has counted nothing since the start of the process.
    #[must_use]
    pub fn starting(now: UnixSeconds) -> Self {
        Self { since: now, by_outcome: Default::default() }
    }

    /// Returns the start of the process.
    #[must_use]
    pub fn since(&self) -> UnixSeconds {
        self.since
    }

    pub(crate) fn count(&self, outcome: AnswerOutcome, elapsed: Duration) {
        let Some(times) = self.by_outcome.get(outcome as usize) else { return };
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = ANSWER_BOUNDS_MICROS.partition_point(|bound| *bound < micros);
        if let Some(bucket) = times.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        times.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Returns the buckets of an outcome, and the sum of its times in microseconds.
    #[must_use]
    pub fn of(&self, outcome: AnswerOutcome) -> (AnswerBuckets, u64) {
        let Some(times) = self.by_outcome.get(outcome as usize) else { return Default::default() };
        let buckets = times.buckets.each_ref().map(|it| it.load(Ordering::Relaxed));
        (buckets, times.micros.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portal_domain::{AnswerOutcome, UnixSeconds};

    use super::AnswerTimes;

    #[test]
    fn an_answer_is_in_the_bucket_of_its_bound_and_outcome() {
        let times = AnswerTimes::starting(UnixSeconds::default());
        for micros in [0, 1_000, 1_001, 200_000, 200_001, 5_000_001] {
            times.count(AnswerOutcome::Recorded, Duration::from_micros(micros));
        }
        times.count(AnswerOutcome::Rejected, Duration::from_millis(2));
        let due = [2, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1];
        assert_eq!(times.of(AnswerOutcome::Recorded), (due, 5_402_003));
        assert_eq!(times.of(AnswerOutcome::Rejected).0.iter().sum::<u64>(), 1);
        assert_eq!(times.of(AnswerOutcome::Duplicate), Default::default());
    }
}
