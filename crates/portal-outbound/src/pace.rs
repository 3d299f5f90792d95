//! Waiting, which a host lends.

use std::time::Duration;

use async_trait::async_trait;

/// The host's way to wait.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Returns after `duration`.
    async fn pause(&self, duration: Duration);
}
