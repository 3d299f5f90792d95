//! Channels and Stripe's API, counted.

use std::sync::Arc;

use async_trait::async_trait;
use portal_domain::stripe::{Fetched, Read, ReadError};
use portal_domain::{Alert, Clock, Notification, Notify, NotifyError, Stripe};

use super::counts::{Counts, DONE};

/// A channel whose notifications are counted.
pub struct CountedChannel {
    channel: Arc<dyn Notify>,
    counts: Arc<Counts>,
    clock: Arc<dyn Clock>,
}

/// Stripe's API, whose reads are counted.
pub(crate) struct CountedStripe {
    pub(crate) stripe: Arc<dyn Stripe>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl CountedChannel {
    #[must_use]
    pub fn new(channel: Arc<dyn Notify>, counts: Arc<Counts>, clock: Arc<dyn Clock>) -> Self {
        counts.channel(channel.channel());
        Self { channel, counts, clock }
    }
}

#[async_trait]
impl Notify for CountedChannel {
    fn channel(&self) -> &str {
        self.channel.channel()
    }

    fn takes(&self, alert: &Alert) -> bool {
        self.channel.takes(alert)
    }

    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError> {
        let started = self.clock.monotonic();
        let notified = self.channel.notify(notification).await;
        let took = self.clock.monotonic().saturating_sub(started);
        let result = notified.as_ref().err().map_or(DONE, NotifyError::name);
        self.counts.notified(self.channel(), result, took);
        notified
    }
}

#[async_trait]
impl Stripe for CountedStripe {
    async fn read(&self, read: &Read) -> Result<Fetched, ReadError> {
        let started = self.clock.monotonic();
        let fetched = self.stripe.read(read).await;
        let result = fetched.as_ref().err().map_or(DONE, |it| it.name());
        let took = self.clock.monotonic().saturating_sub(started);
        self.counts.read(read.resource().name(), result, took);
        fetched
    }
}
