//! A channel: one address, told in one language.

use std::sync::Arc;

use async_trait::async_trait;
use portal_domain::{Alert, NotTold, Notice, Notify};

use crate::address::{Address, Service};
use crate::language::Language;
use crate::transport::{Answer, NoAnswer, Transport};
use crate::{discord, pagerduty, slack};

/// A way to reach the operators.
pub struct Channel {
    address: Address,
    language: Language,
    transport: Arc<dyn Transport>,
}

impl Channel {
    /// The channel at `address`.
    #[must_use]
    pub fn new(address: Address, language: Language, transport: Arc<dyn Transport>) -> Self {
        Self { address, language, transport }
    }

    fn body(&self, notice: &Notice) -> Vec<u8> {
        let body = match &self.address.service {
            Service::Slack => slack::body(notice, self.language),
            Service::Discord => discord::body(notice, self.language),
            Service::PagerDuty(key) => pagerduty::body(notice, self.language, key),
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
            Service::Slack | Service::Discord => true,
            Service::PagerDuty(_) => pagerduty::takes(alert),
        }
    }

    async fn notify(&self, notice: &Notice) -> Result<(), NotTold> {
        let body = self.body(notice);
        verdict(self.transport.post(self.address.url.as_str(), &body).await)
    }
}

fn verdict(answer: Result<Answer, NoAnswer>) -> Result<(), NotTold> {
    match answer {
        Ok(Answer { status: 200..=299, .. }) => Ok(()),
        Ok(Answer { status: 429, retry_after }) => Err(NotTold::TooMany { retry_after }),
        Ok(Answer { status: 503, retry_after: Some(seconds) }) => {
            Err(NotTold::TooMany { retry_after: Some(seconds) })
        }
        Ok(Answer { status, .. }) => Err(NotTold::Refused { status }),
        Err(NoAnswer::TimedOut) => Err(NotTold::TimedOut),
        Err(NoAnswer::Unreachable) => Err(NotTold::Unreachable),
    }
}
