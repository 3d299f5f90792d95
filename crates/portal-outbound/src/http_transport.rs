//! The transport over sockets.

use std::io::ErrorKind;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ureq::Agent;
use ureq::http::Response as Raw;

use crate::transport::{
    ANSWER_BYTES_MAX, ERROR_BYTES_MAX, NoAnswer, PostResponse, Response, Transport,
};

/// Posts and gets over HTTP/1.1, with TLS for `https://`. Uses no proxy.
///
/// It blocks the thread that polls it until the deadline: each channel has a thread of its own, and
/// so has the Stripe poller.
pub struct HttpTransport {
    deadline: Duration,
    posts: Agent,
    gets: Agent,
}

impl HttpTransport {
    /// Returns a transport whose posts wait for `deadline`, which is [`DEADLINE`](crate::DEADLINE)
    /// outside tests.
    #[must_use]
    pub fn new(deadline: Duration) -> Self {
        // Notifications are rare, so an idle connection is most likely dead. Pages are read one
        // after the other.
        Self { deadline, posts: agent(0), gets: agent(1) }
    }
}

fn agent(idle_connections_max: usize) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        // The environment is read in one place, which is not here.
        .proxy(None)
        .max_idle_connections(idle_connections_max)
        .user_agent(concat!("donation-portal/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
}

#[async_trait]
impl Transport for HttpTransport {
    async fn post(&self, url: &str, body: &[u8]) -> Result<PostResponse, NoAnswer> {
        let request = self.posts.post(url).header("Content-Type", "application/json");
        let request = request.config().timeout_global(Some(self.deadline)).build();
        // The error quotes the URL, which is a secret, so only its kind is kept.
        let mut response = request.send(body).map_err(|error| no_answer(&error))?;
        let retry_after = response.headers().get("Retry-After").and_then(|it| it.to_str().ok());
        let answer = PostResponse::new(response.status().as_u16(), retry_after);
        if response.status().is_success() {
            return Ok(answer);
        }
        let error = response.body_mut().with_config().limit(ERROR_BYTES_MAX as u64).read_to_vec();
        Ok(answer.with_error(&error.unwrap_or_default()))
    }

    async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Response, NoAnswer> {
        let plain = self.gets.get(url);
        let request =
            headers.iter().fold(plain, |request, (name, value)| request.header(*name, *value));
        let request = request.config().timeout_global(Some(deadline)).build();
        let mut response = request.call().map_err(|error| no_answer(&error))?;
        let body = if response.status() == 200 { body(&mut response)? } else { None };
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        Ok(Response::new(response.status().as_u16(), header, body))
    }
}

fn body(response: &mut Raw<ureq::Body>) -> Result<Option<Bytes>, NoAnswer> {
    match response.body_mut().with_config().limit(ANSWER_BYTES_MAX as u64).read_to_vec() {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(ureq::Error::BodyExceedsLimit(_)) => Ok(None),
        Err(error) => Err(no_answer(&error)),
    }
}

fn no_answer(error: &ureq::Error) -> NoAnswer {
    let timed_out = matches!(error, ureq::Error::Timeout(_))
        || matches!(error, ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut);
    if timed_out { NoAnswer::TimedOut } else { NoAnswer::Unreachable }
}
