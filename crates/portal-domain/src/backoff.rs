//! Exponential backoff with jitter, for fetching objects and sending notifications.

use jiff::SignedDuration;

use crate::time::UnixSeconds;

/// The delay after the first failure; each further failure doubles it.
const FIRST_DELAY_SECONDS: i64 = 10;

const DELAY_SECONDS_MAX: i64 = 3600;

/// Returns the time of the next attempt after the `attempts`th one failed at `now`.
///
/// The delay doubles with each attempt, from 10 seconds to an hour; `jitter`, any random number,
/// subtracts up to half of it, so that jobs that failed together do not retry together.
#[must_use]
pub fn retry_at(attempts: u32, now: UnixSeconds, jitter: u64) -> UnixSeconds {
    let doublings = attempts.saturating_sub(1).min(16);
    let whole = (FIRST_DELAY_SECONDS << doublings).min(DELAY_SECONDS_MAX);
    let half = whole / 2;
    let taken = (jitter % (half.unsigned_abs() + 1)).cast_signed();
    now.after(SignedDuration::from_secs(whole - taken))
}

#[cfg(test)]
mod tests {
    use super::retry_at;
    use crate::time::UnixSeconds;

    /// The same table stands in the runbook.
    #[test]
    fn the_delay_doubles_up_to_an_hour() {
        let longest = |attempts| retry_at(attempts, UnixSeconds::default(), 0).get();
        let delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, u32::MAX].map(longest);
        assert_eq!(delays, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    }

    #[test]
    fn chance_takes_up_to_half_of_it_away() {
        let delays: Vec<_> =
            (0..1000).map(|jitter| retry_at(3, UnixSeconds::default(), jitter).get()).collect();
        assert_eq!((delays.iter().min(), delays.iter().max()), (Some(&20), Some(&40)));
    }
}
