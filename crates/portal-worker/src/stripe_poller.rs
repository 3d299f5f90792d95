//! The job at Stripe. The store says which isolate's turn it is.

use std::sync::Arc;

use portal_domain::read_budget::Budgeted;
use portal_domain::{Chance as _, Clock};
use portal_domain::{Store, StoreError, Stripe, stripe_job};
use portal_http::{log_done, log_fetched};
use portal_outbound::{Host, StripeApi, Transport};

use crate::chance::EdgeChance;
use crate::config::StripeConfig;
use crate::pace::EdgePace;

/// How many steps there are each minute. A page of a hundred events that were missing takes ten
/// calls of the database and of Stripe, and two more where Stripe asks for patience.
const STEPS_EACH_MINUTE: u32 = 2;

/// How many thin events get their object at a time: each takes four calls. With them, the steps
/// above, the digest and another notification for one channel, a minute stays within the fifty calls that
/// an invocation has on the free plan
/// (<https://developers.cloudflare.com/workers/platform/limits/#subrequests>).
pub(crate) const FETCHED_AT_ONCE: u32 = 3;

/// What is asked at Stripe, and how.
pub(crate) struct StripePoller {
    pub(crate) stripe: Arc<dyn Stripe>,
    /// Live money or tests: what the key may see.
    pub(crate) livemode: bool,
    pub(crate) budget: u64,
    pub(crate) webhook_url: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl StripePoller {
    /// Asks as `config` says, by `transport`.
    pub(crate) fn new(
        config: StripeConfig,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let StripeConfig { key, base, webhook_url, read_budget: budget } = config;
        let livemode = key.livemode();
        let host = Host {
            clock: Arc::clone(&clock),
            chance: Arc::new(EdgeChance),
            pace: Arc::new(EdgePace),
        };
        let stripe = Arc::new(StripeApi::new(&key, &base, transport, host));
        Self { stripe, livemode, budget, webhook_url, clock }
    }

    /// Asks Stripe what happened, and compares; the next minute goes on.
    pub(crate) async fn tend(&self, store: &dyn Store) {
        let stripe = self.budgeted(store);
        match self.at_work(&stripe, store).tend(STEPS_EACH_MINUTE).await {
            Ok(done) => done.iter().for_each(log_done),
            Err(error) => job_failed(&error),
        }
    }

    /// Fetches the objects of thin events.
    pub(crate) async fn fetch(&self, store: &dyn Store) {
        let stripe = self.budgeted(store);
        match self.at_work(&stripe, store).fetch(FETCHED_AT_ONCE).await {
            Ok(outcomes) => outcomes.iter().for_each(log_fetched),
            Err(error) => job_failed(&error),
        }
    }

    fn budgeted<'a>(&'a self, store: &'a dyn Store) -> Budgeted<'a> {
        Budgeted { stripe: &*self.stripe, store, budget: self.budget, clock: &*self.clock }
    }

    fn at_work<'a>(
        &'a self,
        stripe: &'a dyn Stripe,
        store: &'a dyn Store,
    ) -> stripe_job::StripeJob<'a> {
        stripe_job::StripeJob {
            stripe,
            store,
            budget: self.budget,
            webhook_url: self.webhook_url.as_deref(),
            livemode: self.livemode,
            clock: &*self.clock,
            jitter: EdgeChance.number(),
        }
    }
}

fn job_failed(error: &StoreError) {
    tracing::warn!(outcome = "job_failed", reason = error.name(), %error);
}
