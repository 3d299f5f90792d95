//! The one place that waits for Stripe.

use std::time::Duration;

use async_trait::async_trait;
use portal_outbound::Pace;
use worker::Delay;
use worker::send::SendFuture;

/// The runtime's way to wait: others have the thread meanwhile.
pub(crate) struct EdgePace;

#[async_trait]
impl Pace for EdgePace {
    async fn pause(&self, duration: Duration) {
        SendFuture::new(Delay::from(duration)).await;
    }
}
