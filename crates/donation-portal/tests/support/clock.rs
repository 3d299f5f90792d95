//! The one place of these tests that reads the clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portal_domain::UnixSeconds;

use super::Result;

/// How long to wait between two looks at something that will change soon.
const PAUSE: Duration = Duration::from_millis(5);

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn now() -> Result<UnixSeconds> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(UnixSeconds::new(seconds.try_into()?).ok_or("no calendar has this moment")?)
}

/// Tells how long something takes.
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

/// Looks again and again until `look` finds something, and fails where that takes too long.
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
