//! The one place of this crate that reads the clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portal_domain::UnixSeconds;

use crate::host::Failure;

/// The pause between two polls of a condition.
const PAUSE: Duration = Duration::from_millis(10);

/// The time of day.
pub(crate) fn now() -> Result<UnixSeconds, Failure> {
    let seconds = since_1970().as_secs().try_into()?;
    Ok(UnixSeconds::new(seconds).ok_or("no calendar has this moment")?)
}

/// Returns a word that is different at each call, to make ids unique.
pub(crate) fn mark() -> String {
    format!("{:x}", since_1970().as_nanos())
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Polls `look` until it returns a value, and fails after `limit`.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn wait_for<T>(
    what: &str,
    limit: Duration,
    look: impl Fn() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let start = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if start.elapsed() > limit {
            return Err(format!("waited {} s in vain for {what}", limit.as_secs()).into());
        }
        std::thread::sleep(PAUSE);
    }
}
