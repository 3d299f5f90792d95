//! A scripted Stripe, and a host whose time passes only during waits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use portal_contract::{FakeChance, FakeClock};
use portal_outbound::{
    Host, NoAnswer, Pace, PostResponse, Response, STRIPE_API_URL, StripeApi, Transport, Url,
};

use crate::stripe::{EMPTY, key};

/// The host's clock, in seconds since 1970.
pub(crate) const HOST_TIME: i64 = 1_700_000_000;

/// Answers with the rest of `answers`, then with empty lists.
#[derive(Default)]
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<Result<Response, NoAnswer>>>,
    asked: Mutex<Vec<Asked>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) deadline: Duration,
}

/// Time that passes only when somebody waits.
pub(crate) struct Still {
    clock: FakeClock,
    pauses: Mutex<Vec<Duration>>,
}

impl Default for Still {
    fn default() -> Self {
        Self { clock: FakeClock::at(HOST_TIME), pauses: Mutex::default() }
    }
}

/// A client with its fake host.
pub(crate) struct Scene {
    pub(crate) api: StripeApi,
    pub(crate) transport: Arc<Scripted>,
    pub(crate) pace: Arc<Still>,
}

impl Scene {
    pub(crate) fn new(answers: impl IntoIterator<Item = Result<Response, NoAnswer>>) -> Self {
        Self::with_chance(answers, 0)
    }

    pub(crate) fn with_chance(
        answers: impl IntoIterator<Item = Result<Response, NoAnswer>>,
        random: u64,
    ) -> Self {
        let answers = Mutex::new(answers.into_iter().collect());
        let transport = Arc::new(Scripted { answers, ..Scripted::default() });
        let pace = Arc::new(Still::default());
        let host = pace.host(random);
        let base = Url::parse(STRIPE_API_URL).unwrap();
        let api = StripeApi::new(&key(), &base, transport.clone(), host);
        Self { api, transport, pace }
    }
}

impl Scripted {
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Still {
    /// The host whose way to wait this is, and whose chance always comes to `random`.
    pub(crate) fn host(self: &Arc<Self>, random: u64) -> Host {
        Host {
            clock: Arc::new(self.clock.clone()),
            chance: Arc::new(FakeChance(random)),
            pace: Arc::clone(self) as _,
        }
    }

    pub(crate) fn passed(&self) -> Duration {
        self.pauses().iter().sum()
    }

    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }
}

/// Returns an answer with `body` and the header `Stripe-Should-Retry`, if any.
pub(crate) fn answer(
    status: u16,
    should_retry: Option<&str>,
    body: &'static str,
) -> Result<Response, NoAnswer> {
    let header =
        |name: &str| should_retry.filter(|_| name == "Stripe-Should-Retry").map(str::to_owned);
    Ok(Response::new(status, header, Some(body.into())))
}

#[async_trait]
impl Transport for Scripted {
    async fn post(&self, _: &str, _: &[u8]) -> Result<PostResponse, NoAnswer> {
        // The client only reads from Stripe.
        Err(NoAnswer::Unreachable)
    }

    async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<Response, NoAnswer> {
        let headers = headers.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        self.asked.lock().unwrap().push(Asked { url: url.to_owned(), headers, deadline });
        self.answers.lock().unwrap().pop_front().unwrap_or_else(|| answer(200, None, EMPTY))
    }
}

#[async_trait]
impl Pace for Still {
    async fn pause(&self, duration: Duration) {
        self.clock.wait(duration);
        self.pauses.lock().unwrap().push(duration);
    }
}
