//! A notification channel: one address, one language and one time zone.

use std::sync::Arc;

use async_trait::async_trait;
use portal_domain::{Alert, Notification, Notify, NotifyError};

use crate::address::{ChannelAddress, ChannelService};
use crate::context::MessageContext;
use crate::transport::{NoAnswer, PostResponse, Transport};
use crate::{discord, pagerduty, slack};

/// A channel that notifies operators.
pub struct Channel {
    address: ChannelAddress,
    context: MessageContext,
    transport: Arc<dyn Transport>,
}

impl Channel {
    /// Returns the channel at `address`.
    #[must_use]
    pub fn new(
        address: ChannelAddress,
        context: MessageContext,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self { address, context, transport }
    }

    fn body(&self, notification: &Notification) -> Vec<u8> {
        let body = match &self.address.service {
            ChannelService::Slack => slack::body(notification, &self.context),
            ChannelService::Discord => discord::body(notification, &self.context),
            ChannelService::PagerDuty(key) => pagerduty::body(notification, &self.context, key),
        };
        body.to_string().into_bytes()
    }
}

#[async_trait]
impl Notify for Channel {
    fn channel(&self) -> &str {
        self.address.name()
    }

    fn takes(&self, alert: &Alert) -> bool {
        match self.address.service {
            ChannelService::Slack | ChannelService::Discord => true,
            ChannelService::PagerDuty(_) => pagerduty::takes(alert),
        }
    }

    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError> {
        let body = self.body(notification);
        verdict(self.transport.post(self.address.url.as_str(), &body).await)
    }
}

fn verdict(answer: Result<PostResponse, NoAnswer>) -> Result<(), NotifyError> {
    match answer {
        Ok(PostResponse { status: 200..=299, .. }) => Ok(()),
        Ok(PostResponse { status: 429, retry_after, .. }) => {
            Err(NotifyError::TooMany { retry_after })
        }
        Ok(PostResponse { status: 503, retry_after: Some(seconds), .. }) => {
            Err(NotifyError::TooMany { retry_after: Some(seconds) })
        }
        Ok(PostResponse { status, word, .. }) => Err(NotifyError::Refused { status, word }),
        Err(NoAnswer::TimedOut) => Err(NotifyError::TimedOut),
        Err(NoAnswer::Unreachable) => Err(NotifyError::Unreachable),
    }
}
