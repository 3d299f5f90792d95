//! The time in which all lines of the balance are known.

use jiff::SignedDuration;

use crate::ports::{Jobs, LeasedJob, StoreError, stored_json};
use crate::stripe::Window;
use crate::time::UnixSeconds;

/// The position is written in a moment, so its lease is short.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

fn job(livemode: bool) -> &'static str {
    if livemode { "lines_live" } else { "lines_test" }
}

/// Returns the time in which all lines are known; `None` before the first reading.
///
/// # Errors
/// If the store failed.
pub async fn get<S: Jobs + ?Sized>(
    store: &S,
    livemode: bool,
) -> Result<Option<Window>, StoreError> {
    let state = store.job_state(job(livemode)).await?;
    Ok(state.and_then(|it| serde_json::from_str(&it).ok()))
}

/// Extends that time by one in which all lines were read, if the two meet; of two that do not, the
/// later one counts, because what is between them is not known.
///
/// # Errors
/// If the store failed.
pub async fn extend<S: Jobs + ?Sized>(
    store: &S,
    livemode: bool,
    read: Window,
    now: UnixSeconds,
) -> Result<(), StoreError> {
    // Without the lease another process writes the position; the next run extends it.
    let Some(LeasedJob { lease, state }) = store.lease_job(job(livemode), LEASE, now).await? else {
        return Ok(());
    };
    let known = state.and_then(|it| serde_json::from_str(&it).ok());
    let joined = known.map_or(read, |known| join(known, read));
    let state = stored_json(&joined)?;
    store.save_job(job(livemode), lease, &state, now).await.map(drop)
}

fn join(known: Window, read: Window) -> Window {
    if known.since <= read.until && read.since <= known.until {
        Window { since: known.since.min(read.since), until: known.until.max(read.until) }
    } else if known.until < read.until {
        read
    } else {
        known
    }
}

#[cfg(test)]
mod tests {
    use super::join;
    use crate::stripe::Window;
    use crate::time::UnixSeconds;

    fn window(since: i64, until: i64) -> Window {
        let at = |second| UnixSeconds::new(second).unwrap();
        Window { since: at(since), until: at(until) }
    }

    #[test]
    fn two_times_that_meet_are_one() {
        assert_eq!(join(window(10, 20), window(15, 30)), window(10, 30));
        assert_eq!(join(window(10, 20), window(5, 10)), window(5, 20));
        assert_eq!(join(window(10, 20), window(12, 15)), window(10, 20));
    }

    #[test]
    fn of_two_times_that_do_not_meet_the_later_one_counts() {
        assert_eq!(join(window(10, 20), window(25, 30)), window(25, 30));
        assert_eq!(join(window(10, 20), window(1, 5)), window(10, 20));
    }
}
