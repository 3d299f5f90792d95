//! What a host lends: time and chance.

use std::time::Duration;

use async_trait::async_trait;
use portal_domain::UnixSeconds;

/// The host's clock and chance, and a way to wait.
#[async_trait]
pub trait Pace: Send + Sync {
    /// The time.
    fn now(&self) -> UnixSeconds;

    /// The time since some moment, which does not jump.
    fn monotonic(&self) -> Duration;

    /// Any number.
    fn random(&self) -> u64;

    /// Waits.
    async fn pause(&self, duration: Duration);
}
