//! The one place that reads the clock.

use std::time::Duration;

use portal_domain::{Clock, UnixSeconds};
use worker::Date;

/// The runtime's clock. It stands still while the Worker computes, and goes on when it waits
/// (<https://developers.cloudflare.com/workers/reference/security-model/>).
pub(crate) struct EdgeClock;

impl Clock for EdgeClock {
    fn now(&self) -> UnixSeconds {
        let seconds = self.monotonic().as_secs();
        i64::try_from(seconds).ok().and_then(UnixSeconds::new).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(Date::now().as_millis())
    }
}
