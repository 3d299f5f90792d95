//! How Stripe is asked.

use std::sync::Arc;
use std::time::Duration;

use portal_domain::Stripe;
use portal_domain::read_budget::BUDGET;
use portal_outbound::{
    ApiKey, DEADLINE, Host, HttpTransport, Pace, STRIPE_API_URL, StripeApi, Url,
};

use crate::chance::SystemChance;
use crate::clock::SystemClock;
use crate::config::there;
use crate::exit::Failure;

/// How Stripe is asked.
#[derive(clap::Args)]
pub(crate) struct StripeConfig {
    /// A key that may read at Stripe, restricted if possible (`rk_live_…`); without one Stripe is
    /// never asked
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) stripe_secret_key: Option<String>,

    /// Where Stripe's API is
    #[arg(long, env = "STRIPE_API_BASE", default_value = STRIPE_API_URL, value_name = "URL")]
    pub(crate) stripe_api_base: String,

    /// This service's public URL, as the endpoint at Stripe should have it
    #[arg(long, env = "WEBHOOK_URL", value_name = "URL")]
    pub(crate) webhook_url: Option<String>,

    /// How often Stripe may be read in 30 days; every account has 10,000
    #[arg(long, env = "READ_BUDGET", default_value_t = BUDGET, value_name = "READS", value_parser = clap::value_parser!(u64).range(100..))]
    pub(crate) read_budget: u64,
}

/// Stripe's API, and what may be seen of it.
pub(crate) struct Client {
    pub(crate) stripe: Arc<dyn Stripe>,
    /// Live money or tests: what the key may see.
    pub(crate) livemode: bool,
}

impl StripeConfig {
    /// The key, where one is set.
    pub(crate) fn key(&self) -> Result<Option<ApiKey>, Failure> {
        let key = there(self.stripe_secret_key.as_ref()).map(ApiKey::parse).transpose();
        key.map_err(|error| Failure::misuse(format!("STRIPE_SECRET_KEY: {error}")))
    }

    /// This service's public URL, checked, where it is set.
    pub(crate) fn webhook_url(&self) -> Result<Option<&str>, Failure> {
        let Some(url) = there(self.webhook_url.as_ref()) else { return Ok(None) };
        let checked = Url::parse(url).map(|_| Some(url));
        checked.map_err(|error| Failure::misuse(format!("WEBHOOK_URL: {error}")))
    }

    /// The way to Stripe, where a key is set.
    pub(crate) fn client(&self) -> Result<Option<Client>, Failure> {
        let base = Url::parse(&self.stripe_api_base)
            .map_err(|error| Failure::misuse(format!("STRIPE_API_BASE: {error}")))?;
        let Some(key) = self.key()? else { return Ok(None) };
        let livemode = key.livemode();
        let transport = Arc::new(HttpTransport::new(DEADLINE));
        let host = Host {
            clock: Arc::new(SystemClock::new()),
            chance: Arc::new(SystemChance),
            pace: Arc::new(ThreadSleep),
        };
        let stripe = StripeApi::new(&key, &base, transport, host);
        Ok(Some(Client { stripe: Arc::new(stripe), livemode }))
    }

    /// The way to Stripe, for a command that cannot do without.
    pub(crate) fn needed_client(&self) -> Result<Client, Failure> {
        self.client()?.ok_or_else(|| {
            Failure::misuse(
                "STRIPE_SECRET_KEY is not set; make a restricted key that may read in Stripe's Dashboard (the runbook says which permissions)",
            )
        })
    }
}

/// It blocks the thread that waits.
struct ThreadSleep;

#[async_trait::async_trait]
impl Pace for ThreadSleep {
    async fn pause(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
