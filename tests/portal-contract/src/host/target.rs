//! The host under test.

use std::sync::atomic::{AtomicU64, Ordering};

use portal_testkit::clock;
use portal_testkit::events::{OTHER_SECRET, signature_at};
use portal_testkit::http::{Answer, Client, UrlClient, WEBHOOK};

use crate::host::Failure;
use crate::host::witness::Witness;

/// A host with its signing secret, and a witness if there is one.
pub struct Host {
    client: Box<dyn Client>,
    pub(crate) secret: String,
    pub(crate) witness: Option<Box<dyn Witness>>,
    run: String,
    ids: AtomicU64,
}

impl Host {
    /// Returns the host at `base_url` (`http://…` or `https://…`). It must accept `secret`, possibly
    /// among others, with a tolerance of 300 seconds.
    #[must_use]
    pub fn new(base_url: &str, secret: &str, witness: Option<Box<dyn Witness>>) -> Self {
        Self::behind(Box::new(UrlClient::new(base_url)), secret, witness)
    }

    /// Returns the host that `client` reaches, which may be in this process.
    #[must_use]
    pub fn behind(
        client: Box<dyn Client>,
        secret: &str,
        witness: Option<Box<dyn Witness>>,
    ) -> Self {
        let (run, ids) = (clock::unique(), AtomicU64::new(1));
        Self { client, secret: secret.into(), witness, run, ids }
    }

    /// Returns an event id that is new to every host and no part of another id.
    pub(crate) fn fresh_id(&self) -> String {
        format!("evt_{}_{:04}", self.run, self.ids.fetch_add(1, Ordering::Relaxed))
    }

    /// Delivers `body` as Stripe does.
    pub(crate) fn deliver(&self, body: impl AsRef<[u8]>) -> Result<Answer, Failure> {
        let signature = self.signature(body.as_ref());
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
        body: Option<&[u8]>,
    ) -> Result<Answer, Failure> {
        let answer = self.client.send(method, path, headers, body)?;
        match answer.header("cache-control") {
            Some("no-store") => Ok(answer),
            other => Err(format!("{method} {path}: Cache-Control is {other:?}").into()),
        }
    }

    /// Returns the Stripe-Signature header of `body`, signed now.
    pub(crate) fn signature(&self, body: impl AsRef<[u8]>) -> String {
        self.signature_in(0, body)
    }

    /// Returns the Stripe-Signature header of `body`, signed `seconds` from now; in the past if they
    /// are negative.
    pub(crate) fn signature_in(&self, seconds: i64, body: impl AsRef<[u8]>) -> String {
        signature_at(clock::now() + seconds, &self.secret, body)
    }

    /// Returns a Stripe-Signature header of `body` with an unknown secret.
    pub(crate) fn forged(&self, body: impl AsRef<[u8]>) -> String {
        signature_at(clock::now(), OTHER_SECRET, body)
    }
}
