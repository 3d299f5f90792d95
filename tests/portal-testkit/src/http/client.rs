//! A client for tests of a host, wherever it is.

use std::fmt::Write as _;
use std::time::Duration;

use ureq::http::{HeaderValue, Request};
use ureq::{Agent, AsSendBody as _, SendBody};

use super::Answer;
use crate::Result;

/// The time limit for an answer, from the first byte sent to the last byte read.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Sends requests to one host.
pub trait Client: Send + Sync {
    /// Sends a request with these headers, in their order, and waits for the answer.
    ///
    /// # Errors
    /// If there is no answer.
    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer>;
}

/// A client of the host at one base URL. It follows no redirect.
pub struct UrlClient {
    base_url: String,
    agent: Agent,
}

impl UrlClient {
    /// Returns a client of the host at `base_url` (`http://…` or `https://…`).
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(ANSWER_LIMIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self { base_url: base_url.trim_end_matches('/').into(), agent: agent.into() }
    }
}

impl Client for UrlClient {
    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        mut body: Option<&[u8]>,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base_url));
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_bytes(value.as_bytes())?);
        }
        let mut answer = match &mut body {
            Some(body) => self.agent.run(request.body(body.as_body())?)?,
            None => self.agent.run(request.body(SendBody::none())?)?,
        };
        let mut head = format!("{:?} {}", answer.version(), answer.status());
        for (name, value) in answer.headers() {
            write!(head, "\r\n{name}: {}", value.as_bytes().escape_ascii())?;
        }
        let status = answer.status().as_u16();
        Ok(Answer { status, head, body: answer.body_mut().read_to_string()? })
    }
}
