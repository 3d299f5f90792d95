//! The one place of these tests that reads the clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portal_domain::UnixSeconds;

use super::Result;

/// The pause between two polls of a condition.
const PAUSE: Duration = Duration::from_millis(5);

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> Result<UnixSeconds> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(UnixSeconds::new(seconds.try_into()?).ok_or("no calendar has this moment")?)
}

/// Measures elapsed time.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Polls `look` until it returns a value, and fails after `limit`.
pub(crate) fn wait_for<T>(
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
