//! The errand at Stripe, on a thread of its own: nobody waits for it.

use std::sync::Arc;
use std::time::Duration;

use portal_domain::errand;
use portal_domain::reads::Budgeted;
use portal_domain::{Store, StoreError, Stripe};
use portal_http::{Clock, log_done, log_fetched};

use crate::chance;
use crate::config::AtStripe;
use crate::exit::Failure;

/// How often it is looked whether something is due.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many reads one look may make, so that an end of the service is heard in between.
const STEPS: u32 = 10;

/// How many thin events get their object in one look: each takes a read.
const FETCHED_AT_ONCE: u32 = 20;

/// The errand of this process.
pub(crate) struct Errand {
    pub(crate) at_stripe: AtWork,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What is asked at Stripe, and how.
pub(crate) struct AtWork {
    stripe: Arc<dyn Stripe>,
    livemode: bool,
    budget: u64,
    webhook_url: Option<String>,
}

impl AtWork {
    /// Nothing where no key is set.
    pub(crate) fn new(config: &AtStripe) -> Result<Option<Self>, Failure> {
        let webhook_url = config.webhook_url()?.map(str::to_owned);
        let Some(client) = config.client()? else { return Ok(None) };
        let (stripe, livemode, budget) = (client.stripe, client.livemode, config.read_budget);
        Ok(Some(Self { stripe, livemode, budget, webhook_url }))
    }
}

impl Errand {
    /// Looks once.
    pub(crate) async fn look(&self) {
        // The watch tells about the store.
        if let Err(error) = self.do_what_is_due().await {
            tracing::debug!(outcome = "not_done", reason = error.name());
        }
    }

    async fn do_what_is_due(&self) -> Result<(), StoreError> {
        let AtWork { stripe, livemode, budget, webhook_url } = &self.at_stripe;
        let now = || self.clock.now();
        let (store, budget) = (&*self.store, *budget);
        let stripe = Budgeted { stripe: &**stripe, store, budget, now: &now };
        let errand = errand::Errand {
            stripe: &stripe,
            store,
            budget,
            webhook_url: webhook_url.as_deref(),
            livemode: *livemode,
            now: &now,
            jitter: chance::number(),
        };
        errand.fetch(FETCHED_AT_ONCE).await?.iter().for_each(log_fetched);
        errand.tend(STEPS).await?.iter().for_each(log_done);
        Ok(())
    }
}
