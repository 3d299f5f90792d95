//! The runtime's time and chance, for whoever asks Stripe.

use std::time::Duration;

use async_trait::async_trait;
use portal_domain::UnixSeconds;
use portal_http::Clock as _;
use portal_outbound::Pace;
use worker::Delay;
use worker::send::SendFuture;

use crate::chance;
use crate::clock::EdgeClock;

/// The runtime's time and chance; who waits leaves the thread to others.
pub(crate) struct EdgePace;

#[async_trait]
impl Pace for EdgePace {
    fn now(&self) -> UnixSeconds {
        EdgeClock.now()
    }

    fn monotonic(&self) -> Duration {
        EdgeClock.monotonic()
    }

    fn random(&self) -> u64 {
        chance::number()
    }

    async fn pause(&self, duration: Duration) {
        SendFuture::new(Delay::from(duration)).await;
    }
}
