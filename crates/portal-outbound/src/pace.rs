//! The port to the host's clock, random numbers and timer.

use std::time::Duration;

use async_trait::async_trait;
use portal_domain::UnixSeconds;

/// The host's clock, random numbers and timer.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Returns the time.
    fn now(&self) -> UnixSeconds;

    /// Returns the time since an arbitrary moment, from a clock that does not jump.
    fn monotonic(&self) -> Duration;

    /// Returns any number.
    fn random(&self) -> u64;

    /// Waits for `duration`.
    async fn pause(&self, duration: Duration);
}
