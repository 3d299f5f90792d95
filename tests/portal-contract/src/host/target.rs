//! The host under test.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use portal_domain::{Secret, UnixSeconds, sign};
use ureq::http::{HeaderValue, Request};
use ureq::{Agent, AsSendBody as _, SendBody};

use crate::host::answer::Answer;
use crate::host::witness::Witness;
use crate::host::{Failure, clock};

/// The path that Stripe posts to.
pub(crate) const WEBHOOK: &str = "/api/webhooks/stripe";

/// A secret that no host has.
const STRANGER: &str = "whsec_of_somebody_else";

/// The time limit for an answer, from the first byte sent to the last byte read.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A host with its signing secret, and a witness if there is one.
pub struct Host {
    base_url: String,
    secret: String,
    pub(crate) witness: Option<Box<dyn Witness>>,
    agent: Agent,
    run: String,
    ids: AtomicU64,
}

impl Host {
    /// Returns the host at `base_url` (`http://…` or `https://…`). It must accept `secret`, possibly
    /// among others, with a tolerance of 300 seconds.
    #[must_use]
    pub fn new(base_url: &str, secret: &str, witness: Option<Box<dyn Witness>>) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(ANSWER_LIMIT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            base_url: base_url.trim_end_matches('/').into(),
            secret: secret.into(),
            witness,
            agent: agent.into(),
            run: clock::mark(),
            ids: AtomicU64::new(1),
        }
    }

    /// Returns an event id that is new to every host and no part of another id.
    pub(crate) fn fresh_id(&self) -> String {
        format!("evt_{}_{:04}", self.run, self.ids.fetch_add(1, Ordering::Relaxed))
    }

    /// Delivers `body` as Stripe does.
    pub(crate) fn deliver(&self, body: impl AsRef<[u8]>) -> Result<Answer, Failure> {
        let signature = self.signature(body.as_ref())?;
        self.post(body, &[&signature])
    }

    /// Posts `body` to the webhook with a line of `Stripe-Signature` for each of `signatures`.
    pub(crate) fn post(
        &self,
        body: impl AsRef<[u8]>,
        signatures: &[&str],
    ) -> Result<Answer, Failure> {
        let mut headers = vec![("Content-Type", "application/json; charset=utf-8")];
        headers.extend(signatures.iter().map(|it| ("Stripe-Signature", *it)));
        self.ask("POST", WEBHOOK, &headers, Some(body.as_ref()))
    }

    /// Sends a GET request.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.ask("GET", path, &[], None)
    }

    /// Sends a request, and fails if the answer may be cached.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        mut body: Option<&[u8]>,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base_url));
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_bytes(value.as_bytes())?);
        }
        let answer = match &mut body {
            Some(body) => self.agent.run(request.body(body.as_body())?)?,
            None => self.agent.run(request.body(SendBody::none())?)?,
        };
        let answer = Answer::read(answer)?;
        match answer.header("cache-control") {
            Some("no-store") => Ok(answer),
            other => Err(format!("{method} {path}: Cache-Control is {other:?}").into()),
        }
    }

    /// Returns the Stripe-Signature header of `body`, signed now.
    pub(crate) fn signature(&self, body: &[u8]) -> Result<String, Failure> {
        self.signature_at(clock::now()?, body)
    }

    /// Returns the Stripe-Signature header of `body`, signed `seconds` from now; in the past if they
    /// are negative.
    pub(crate) fn signature_in(&self, seconds: i64, body: &[u8]) -> Result<String, Failure> {
        let at = UnixSeconds::new(clock::now()?.get() + seconds).ok_or("no such moment")?;
        self.signature_at(at, body)
    }

    /// Returns a Stripe-Signature header of `body` with an unknown secret.
    pub(crate) fn forged(&self, body: &[u8]) -> Result<String, Failure> {
        Ok(sign(&Secret::new(STRANGER)?, clock::now()?, body))
    }

    /// Returns the Stripe-Signature header of `body`, signed at `at`.
    fn signature_at(&self, at: UnixSeconds, body: &[u8]) -> Result<String, Failure> {
        Ok(sign(&self.secret()?, at, body))
    }

    /// Returns the signing secret.
    pub(crate) fn secret(&self) -> Result<Secret, Failure> {
        Ok(Secret::new(&self.secret)?)
    }
}
