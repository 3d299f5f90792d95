//! The settings of Stripe's API, and the client made from them.

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

/// The settings of Stripe's API.
#[derive(clap::Args)]
pub(crate) struct StripeConfig {
    /// API key for Stripe with read permissions, restricted if possible (`rk_live_…`); without one
    /// nothing is compared with Stripe, and thin events wait
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) stripe_secret_key: Option<String>,

    /// URL of Stripe's API
    #[arg(long, env = "STRIPE_API_BASE", default_value = STRIPE_API_URL, value_name = "URL")]
    pub(crate) stripe_api_base: String,

    /// Public URL of this service, as the endpoint at Stripe has it
    #[arg(long, env = "WEBHOOK_URL", value_name = "URL")]
    pub(crate) webhook_url: Option<String>,

    /// Maximum number of reads at Stripe in 30 days; every account has 10,000
    #[arg(long, env = "READ_BUDGET", default_value_t = BUDGET, value_name = "READS", value_parser = clap::value_parser!(u64).range(100..))]
    pub(crate) read_budget: u64,
}

/// A client of Stripe's API.
pub(crate) struct Client {
    pub(crate) stripe: Arc<dyn Stripe>,
    /// True for a key of live mode, false for one of test mode.
    pub(crate) livemode: bool,
}

impl StripeConfig {
    /// Returns the key if one is set. The error does not repeat it.
    pub(crate) fn key(&self) -> Result<Option<ApiKey>, Failure> {
        let key = there(self.stripe_secret_key.as_ref()).map(ApiKey::parse).transpose();
        key.map_err(Failure::setting("STRIPE_SECRET_KEY"))
    }

    /// Returns the public URL of this service if it is set.
    pub(crate) fn webhook_url(&self) -> Result<Option<&str>, Failure> {
        let Some(url) = there(self.webhook_url.as_ref()) else { return Ok(None) };
        let checked = Url::parse(url).map(|_| Some(url));
        checked.map_err(Failure::setting("WEBHOOK_URL"))
    }

    /// Returns a client if a key is set.
    pub(crate) fn client(&self) -> Result<Option<Client>, Failure> {
        let base =
            Url::parse(&self.stripe_api_base).map_err(Failure::setting("STRIPE_API_BASE"))?;
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

    /// Returns a client, or an error that asks for the key.
    pub(crate) fn needed_client(&self) -> Result<Client, Failure> {
        self.client()?.ok_or_else(|| {
            Failure::misuse("STRIPE_SECRET_KEY", "it is not set").advise(
                "make a restricted key with read permissions in Stripe's Dashboard (the runbook lists them)",
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
