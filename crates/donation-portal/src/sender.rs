//! Posts signed events the way Stripe does.

use std::time::Duration;

use portal_domain::{Secret, UnixSeconds, sign};
use ureq::Agent;

/// The time to wait for an answer; the Stripe CLI waits as long.
const DEADLINE: Duration = Duration::from_secs(30);

/// The maximum number of bytes read of an answer's body; the receiver's answers are short.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Posts to one URL.
#[derive(Clone)]
pub(crate) struct Sender {
    agent: Agent,
    url: String,
}

/// The answer of the receiver.
pub(crate) struct SenderResponse {
    pub(crate) status: u16,
    /// The body, at most [`ANSWER_BYTES_MAX`] bytes.
    pub(crate) body: String,
}

impl Sender {
    pub(crate) fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(DEADLINE))
            .http_status_as_error(false)
            // Stripe does not follow redirects either.
            .max_redirects(0)
            .user_agent("donation-portal")
            .build();
        Self { agent: config.into(), url: url.to_owned() }
    }

    /// Posts `body`, signed with `secret` at `now`.
    pub(crate) fn post(
        &self,
        secret: &Secret,
        now: UnixSeconds,
        body: &[u8],
    ) -> Result<SenderResponse, ureq::Error> {
        self.post_signed(&sign(secret, now, body), body)
    }

    /// Posts `body` with this `Stripe-Signature`.
    pub(crate) fn post_signed(
        &self,
        signature: &str,
        body: &[u8],
    ) -> Result<SenderResponse, ureq::Error> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json; charset=utf-8")
            .header("Stripe-Signature", signature)
            .send(body)?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string()?;
        Ok(SenderResponse { status, body })
    }
}
