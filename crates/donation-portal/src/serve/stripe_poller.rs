//! The job at Stripe, on a thread of its own: nobody waits for it.

use std::sync::Arc;
use std::time::Duration;

use portal_domain::read_budget::Budgeted;
use portal_domain::stripe_job;
use portal_domain::{Chance as _, Clock};
use portal_domain::{Store, StoreError, Stripe};
use portal_http::{log_done, log_fetched};

use crate::chance::SystemChance;
use crate::config::StripeConfig;
use crate::exit::Failure;

/// How often it is looked whether something is due.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many reads one look may make, so that an end of the service is heard in between.
const STEPS: u32 = 10;

/// How many thin events get their object in one look: each takes a read.
const FETCHED_AT_ONCE: u32 = 20;

/// The job of this process.
pub(crate) struct StripePoller {
    pub(crate) stripe_config: StripeAccess,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What is asked at Stripe, and how.
pub(crate) struct StripeAccess {
    stripe: Arc<dyn Stripe>,
    livemode: bool,
    budget: u64,
    webhook_url: Option<String>,
}

impl StripeAccess {
    /// Nothing where no key is set.
    pub(crate) fn new(config: &StripeConfig) -> Result<Option<Self>, Failure> {
        let webhook_url = config.webhook_url()?.map(str::to_owned);
        let Some(client) = config.client()? else { return Ok(None) };
        let (stripe, livemode, budget) = (client.stripe, client.livemode, config.read_budget);
        Ok(Some(Self { stripe, livemode, budget, webhook_url }))
    }
}

impl StripePoller {
    /// Looks once.
    pub(crate) async fn run_once(&self) {
        // The watch tells about the store.
        if let Err(error) = self.do_what_is_due().await {
            tracing::debug!(outcome = "job_failed", reason = error.name());
        }
    }

    async fn do_what_is_due(&self) -> Result<(), StoreError> {
        let StripeAccess { stripe, livemode, budget, webhook_url } = &self.stripe_config;
        let clock = &*self.clock;
        let (store, budget) = (&*self.store, *budget);
        let stripe = Budgeted { stripe: &**stripe, store, budget, clock };
        let job = stripe_job::StripeJob {
            stripe: &stripe,
            store,
            budget,
            webhook_url: webhook_url.as_deref(),
            livemode: *livemode,
            clock,
            jitter: SystemChance.number(),
        };
        job.fetch(FETCHED_AT_ONCE).await?.iter().for_each(log_fetched);
        job.tend(STEPS).await?.iter().for_each(log_done);
        Ok(())
    }
}
