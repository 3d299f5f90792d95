//! The transport over sockets.

use std::io::ErrorKind;
use std::time::Duration;

use async_trait::async_trait;
use ureq::Agent;

use crate::transport::{Answer, NoAnswer, Transport};

/// Posts over HTTP/1.1, with TLS where the URL says so. Uses no proxy.
///
/// It blocks the thread that polls it, for up to the deadline: each channel has a thread of its own.
pub struct HttpTransport {
    agent: Agent,
}

impl HttpTransport {
    /// A transport that waits for `deadline`, which is [`DEADLINE`](crate::DEADLINE) outside tests.
    #[must_use]
    pub fn new(deadline: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(deadline))
            .http_status_as_error(false)
            .max_redirects(0)
            // The environment is read in one place, which is not here.
            .proxy(None)
            // Notices are rare: a connection that was kept is most likely a dead one.
            .max_idle_connections(0)
            .user_agent(concat!("donation-portal/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into() }
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn post(&self, url: &str, body: &[u8]) -> Result<Answer, NoAnswer> {
        let request = self.agent.post(url).header("Content-Type", "application/json");
        // The error quotes the URL, which is a secret: only its kind goes on.
        let response = request.send(body).map_err(|error| no_answer(&error))?;
        let retry_after = response.headers().get("Retry-After").and_then(|it| it.to_str().ok());
        Ok(Answer::new(response.status().as_u16(), retry_after))
    }
}

fn no_answer(error: &ureq::Error) -> NoAnswer {
    let timed_out = matches!(error, ureq::Error::Timeout(_))
        || matches!(error, ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut);
    if timed_out { NoAnswer::TimedOut } else { NoAnswer::Unreachable }
}
