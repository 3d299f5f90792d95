//! The client of Stripe's API, which only reads.
//!
//! [`portal_domain::stripe`] defines the reads and decodes them. This module sends them over HTTP,
//! no faster than Stripe accepts them, and retries when Stripe asks for it.

mod key;

mod answer;
mod bucket;
mod request;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::stripe::API_VERSION;
use portal_domain::{Chance, Clock, Fetched, Read, ReadError, Stripe};

use crate::pace::Pace;
use crate::transport::Transport;
use crate::url::Url;

use answer::{fetched, is_worth_another};
use bucket::Bucket;
pub use key::{ApiKey, InvalidKey};

/// The base URL of Stripe's API (<https://docs.stripe.com/api>).
pub const STRIPE_API_URL: &str = "https://api.stripe.com";

/// The deadline of a read, for each attempt: Stripe takes seconds for pages of large objects.
const STRIPE_DEADLINE: Duration = Duration::from_secs(30);

/// The longest pauses before the second and the third attempt, which is the last. Full jitter:
/// every shorter pause is as likely (<https://docs.stripe.com/rate-limits>).
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

/// Time and chance, by which requests are spread.
pub struct Host {
    /// The clocks: what Stripe is asked now is known as of now.
    pub clock: Arc<dyn Clock>,
    /// Chance, for the length of pauses.
    pub chance: Arc<dyn Chance>,
    /// The way to wait.
    pub pace: Arc<dyn Pace>,
}

/// Stripe's API with one key. It has no `Debug` on purpose.
pub struct StripeApi {
    base: Box<str>,
    authorization: Box<str>,
    transport: Arc<dyn Transport>,
    host: Host,
    bucket: Bucket,
}

impl StripeApi {
    /// Returns a client of the API at `base`, which is [`STRIPE_API_URL`] outside tests; a slash at
    /// the end is dropped.
    #[must_use]
    pub fn new(key: &ApiKey, base: &Url, transport: Arc<dyn Transport>, host: Host) -> Self {
        let base = base.as_str().trim_end_matches('/').into();
        let authorization = format!("Bearer {}", key.as_str()).into();
        Self { base, authorization, transport, host, bucket: Bucket::full() }
    }

    fn headers<'a>(&'a self, read: &'a Read) -> Vec<(&'static str, &'a str)> {
        let mut headers = vec![
            ("Authorization", &*self.authorization),
            ("Stripe-Version", API_VERSION),
            ("Accept", "application/json"),
        ];
        headers.extend(request::context(read).map(|it| ("Stripe-Context", it.as_str())));
        headers
    }

    /// Waits until the rate limit allows one more request.
    async fn take_turn(&self) {
        let wait = self.bucket.take(self.host.clock.monotonic());
        if !wait.is_zero() {
            self.host.pace.pause(wait).await;
        }
    }
}

#[async_trait]
impl Stripe for StripeApi {
    async fn read(&self, read: &Read) -> Result<Fetched, ReadError> {
        let Some(target) = request::target(read) else { return Err(ReadError::NotFound) };
        let url = format!("{}{target}", self.base);
        let headers = self.headers(read);
        let mut pauses = PAUSES.into_iter();
        loop {
            self.take_turn().await;
            let answer = self.transport.get(&url, &headers, STRIPE_DEADLINE).await;
            let pause = pauses.next().filter(|_| is_worth_another(&answer));
            let Some(longest) = pause else { return fetched(answer, || self.host.clock.now()) };
            self.host.pace.pause(jittered(longest, self.host.chance.number())).await;
        }
    }
}

/// Returns a random pause up to `longest`, in whole milliseconds.
fn jittered(longest: Duration, random: u64) -> Duration {
    let milliseconds = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % milliseconds.saturating_add(1))
}
