//! The one place of the tests that reads the clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::Result;

/// The pause between two polls of a condition.
const PAUSE: Duration = Duration::from_millis(5);

/// Returns the time of day in Unix seconds.
#[must_use]
pub fn now() -> i64 {
    i64::try_from(since_1970().as_secs()).unwrap_or_default()
}

/// Returns a word that is different at each call, to make ids unique.
#[must_use]
pub fn unique() -> String {
    format!("{:x}", since_1970().as_nanos())
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Measures elapsed time.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts at zero.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Polls `look` until it returns a value.
///
/// # Errors
/// If `look` fails, or returns none within `limit`.
pub fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let watch = Stopwatch::start();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if watch.elapsed() > limit {
            return Err(format!("waited {} ms in vain for {what}", limit.as_millis()).into());
        }
        std::thread::sleep(PAUSE);
    }
}

/// Polls `look` until it is true; returns false after ten seconds.
#[must_use]
pub fn eventually(mut look: impl FnMut() -> bool) -> bool {
    wait_for("it", Duration::from_secs(10), || Ok(look().then_some(()))).is_ok()
}
