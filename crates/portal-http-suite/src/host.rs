//! The host that the cases are put to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use portal_domain::{Secret, UnixSeconds, sign};
use ureq::http::{HeaderValue, Request};
use ureq::{Agent, AsSendBody as _, SendBody};

use crate::answer::Answer;
use crate::witness::Witness;
use crate::{Failure, clock};

/// Where Stripe posts to.
pub(crate) const WEBHOOK: &str = "/api/webhooks/stripe";

/// A secret that no host has.
const STRANGER: &str = "whsec_of_somebody_else";

/// How long an answer may take, from the first byte sent to the last byte read.
const PATIENCE: Duration = Duration::from_secs(30);

/// A host, its secret, and who can look behind its answers.
pub struct Host {
    base_url: String,
    secret: String,
    pub(crate) witness: Option<Box<dyn Witness>>,
    agent: Agent,
    run: String,
    ids: AtomicU64,
}

impl Host {
    /// The host at `base_url` (`http://…` or `https://…`), which knows `secret`, among others or
    /// not, and whose signatures are good for 300 seconds.
    #[must_use]
    pub fn new(base_url: &str, secret: &str, witness: Option<Box<dyn Witness>>) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
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

    /// An event id that no host has seen, and that is no part of another.
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

    /// Asks with GET.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.ask("GET", path, &[], None)
    }

    /// Sends a request, and fails where the answer may be stored on its way.
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

    /// The header with which Stripe would post `body` now.
    pub(crate) fn signature(&self, body: &[u8]) -> Result<String, Failure> {
        self.signature_at(clock::now()?, body)
    }

    /// The header with which Stripe would post `body` so many seconds from now; before now where
    /// they are negative.
    pub(crate) fn signature_in(&self, seconds: i64, body: &[u8]) -> Result<String, Failure> {
        let at = UnixSeconds::new(clock::now()?.get() + seconds).ok_or("no such moment")?;
        self.signature_at(at, body)
    }

    /// The header with which somebody else would post `body` now.
    pub(crate) fn forged(&self, body: &[u8]) -> Result<String, Failure> {
        Ok(sign(&Secret::new(STRANGER)?, clock::now()?, body))
    }

    /// The header with which Stripe would post `body` at that moment.
    fn signature_at(&self, at: UnixSeconds, body: &[u8]) -> Result<String, Failure> {
        Ok(sign(&self.secret()?, at, body))
    }

    /// What this host's signatures are made with.
    pub(crate) fn secret(&self) -> Result<Secret, Failure> {
        Ok(Secret::new(&self.secret)?)
    }
}
