//! A portal without socket, database and clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use portal_contract::FakeClock;
use portal_domain::{
    AnswerOutcome, Answered, Entry, MatchedSecrets, Observe, Ready, Receiver, Record, Recorded,
    Refusal, RequestRejection, Secrets, Tolerance, Unavailable, UnixSeconds, sign,
};
use portal_http::{App, router, router_unconfigured};
pub(crate) use portal_testkit::Result;
use portal_testkit::events;
pub(crate) use portal_testkit::events::SECRET;
pub(crate) use portal_testkit::http::WEBHOOK;
use tower::ServiceExt as _;

/// The time of the clock: 2026-11-22T13:50:00Z.
pub(crate) const NOW: i64 = 1_795_355_400;
/// The duration that the clock reports for every delivery.
pub(crate) const ELAPSED_MS: u64 = 7;

/// The routes with their inbox, secrets and clock.
pub(crate) struct Portal {
    router: Router,
    inbox: Arc<Inbox>,
    secrets: Secrets,
    now: UnixSeconds,
}

/// An answer with its body as text.
pub(crate) type Answer = Response<String>;

/// The answer to a delivery: outcome, reason, id of the event, and the time that it took.
pub(crate) type SeenAnswer = (AnswerOutcome, Option<&'static str>, Option<String>, Duration);

/// Remembers events as long as the test runs, or fails as it is told.
#[derive(Default)]
struct Inbox {
    fails: Option<Unavailable>,
    ready: Ready,
    /// The settings of its portal that are left out.
    left_out: Vec<&'static str>,
    turned_away: Mutex<Vec<&'static str>>,
    accepted: AtomicU64,
    answered: Mutex<Vec<SeenAnswer>>,
    entries: Mutex<Vec<Arc<Entry>>>,
}

impl Portal {
    /// Returns a portal whose clock shows `now`.
    pub(crate) fn at(now: i64) -> Result<Self> {
        Self::new(now, SECRET, None)
    }

    /// Returns a portal that is able to record, with this readiness; more than 10 dead events are too
    /// many.
    pub(crate) fn knowing(ready: Ready) -> Result<Self> {
        Self::with(NOW, SECRET, Inbox { ready, ..Inbox::default() })
    }

    /// Returns a portal of which these settings are wrong.
    pub(crate) fn leaving_out(left_out: Vec<&'static str>) -> Result<Self> {
        Self::with(NOW, SECRET, Inbox { left_out, ..Inbox::default() })
    }

    /// Returns a portal that cannot record.
    pub(crate) fn failing(unavailable: Unavailable) -> Result<Self> {
        Self::new(NOW, SECRET, Some(unavailable))
    }

    /// Returns a portal with this configuration error.
    pub(crate) fn unconfigured(problem: &str) -> Result<Self> {
        let mut portal = Self::at(NOW)?;
        let clock = Arc::new(clock(portal.now));
        portal.router = router_unconfigured(problem.into(), clock, "1.2.3");
        Ok(portal)
    }

    pub(crate) fn new(now: i64, secrets: &str, fails: Option<Unavailable>) -> Result<Self> {
        Self::with(now, secrets, Inbox { fails, ..Inbox::default() })
    }

    fn with(now: i64, secrets: &str, inbox: Inbox) -> Result<Self> {
        let now = UnixSeconds::new(now).ok_or("no such moment")?;
        let secrets = Secrets::new(secrets)?;
        let inbox = Arc::new(inbox);
        let router = router(App {
            receiver: Receiver { secrets: secrets.clone(), tolerance: Tolerance::DEFAULT },
            inbox: Arc::clone(&inbox) as Arc<dyn Record>,
            dead_events_max: 10,
            left_out: inbox.left_out.clone(),
            observer: Arc::clone(&inbox) as Arc<dyn Observe>,
            clock: Arc::new(clock(now)),
            explains_refusals: false,
            version: "1.2.3",
        });
        Ok(Self { router, inbox, secrets, now })
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> Result<Answer> {
        let response = self.router.clone().oneshot(request).await?;
        let (head, body) = response.into_parts();
        let body = String::from_utf8(body.collect().await?.to_bytes().into())?;
        Ok(Answer::from_parts(head, body))
    }

    /// Posts `body` as Stripe does.
    pub(crate) async fn deliver(&self, body: impl Into<Vec<u8>> + Send) -> Result<Answer> {
        let body = body.into();
        self.post(&self.signature(&body)?, body).await
    }

    /// Posts `body` with this `Stripe-Signature`.
    pub(crate) async fn post(&self, signature: &str, body: Vec<u8>) -> Result<Answer> {
        self.answer(
            Request::post(WEBHOOK)
                .header("content-type", "application/json; charset=utf-8")
                .header("stripe-signature", signature.as_bytes())
                .body(Body::from(body))?,
        )
        .await
    }

    /// Returns the Stripe-Signature header of `body`, signed now.
    pub(crate) fn signature(&self, body: &[u8]) -> Result<String> {
        let secret = self.secrets.iter().next().ok_or("no secret")?;
        Ok(sign(secret, self.now, body))
    }

    /// Returns the outcomes of the refusals that the host was notified of.
    pub(crate) fn turned_away(&self) -> Vec<&'static str> {
        self.inbox.turned_away.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the number of accepted deliveries that the host was notified of.
    pub(crate) fn accepted(&self) -> u64 {
        self.inbox.accepted.load(Ordering::Relaxed)
    }

    /// Returns the answers to deliveries that the host was notified of.
    pub(crate) fn answered(&self) -> Vec<SeenAnswer> {
        self.inbox.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the recorded events, in the order of arrival.
    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.inbox.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the ids of the recorded events, in the order of arrival.
    pub(crate) fn recorded(&self) -> Vec<String> {
        self.entries().iter().map(|it| it.event().id.to_string()).collect()
    }
}

impl Observe for Inbox {
    fn accepted(&self, _: MatchedSecrets) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    fn answered(&self, it: &Answered<'_>) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.push((it.outcome, it.reason, it.event.map(|it| it.id.to_string()), it.elapsed));
    }

    fn logs_rejection(&self, _: &'static str) -> bool {
        true
    }

    fn refused(&self, refusal: Refusal) {
        self.observe(refusal.name());
    }

    fn unavailable(&self, unavailable: &Unavailable) {
        self.observe(unavailable.name());
    }

    fn rejected(&self, rejection: RequestRejection) {
        self.observe(rejection.name());
    }
}

impl Inbox {
    fn observe(&self, what: &'static str) {
        self.turned_away.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

#[async_trait]
impl Record for Inbox {
    async fn record(&self, entry: Arc<Entry>) -> std::result::Result<Recorded, Unavailable> {
        self.ready().await?;
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.iter().any(|it| it.event().id == entry.event().id) {
            return Ok(Recorded::Duplicate);
        }
        entries.push(Arc::clone(&entry));
        Ok(Recorded::New(entry.event().state))
    }

    async fn ready(&self) -> std::result::Result<Ready, Unavailable> {
        self.fails.clone().map_or(Ok(self.ready), Err)
    }
}

/// A clock that stands still, and whose stop watch goes on by [`ELAPSED_MS`] at each look.
fn clock(now: UnixSeconds) -> FakeClock {
    FakeClock::at(now.get()).with_each_look(ELAPSED_MS)
}

/// Returns the bodies of all sample events that Stripe could post, each with `folder/file.json`.
pub(crate) fn samples() -> Result<Vec<(String, Vec<u8>)>> {
    Ok(events::samples()?.into_iter().map(|it| (it.name, it.body.into())).collect())
}

/// Returns the body of a sample event.
pub(crate) fn sample(name: &str) -> Result<Vec<u8>> {
    Ok(events::sample(name)?.body.into())
}
