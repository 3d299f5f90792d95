//! The scheduler of the jobs at Stripe. The store leases each to one process.

use std::sync::Arc;

use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::log_names::LogOutcome;
use portal_domain::payouts::job::PayoutsJob;
use portal_domain::read_budget::Budgeted;
use portal_domain::stripe_job::{Done, StripeJob};
use portal_domain::{Chance, Clock, Store, StoreError, Stripe};

use crate::log::{log_done, log_fetched};
use crate::metrics::{CountedStripe, Counts};

/// The way to Stripe, and what may be asked there.
pub struct StripeAccess {
    /// Stripe's API.
    pub stripe: Arc<dyn Stripe>,
    /// Live money or tests: what the key may see.
    pub livemode: bool,
    /// The number of reads in 30 days.
    pub budget: u64,
    /// This service's public URL, as the endpoint at Stripe should have it.
    pub webhook_url: Option<String>,
}

impl StripeAccess {
    /// Returns Stripe's API within the budget, which `store` counts.
    pub fn budgeted<'a>(&'a self, store: &'a dyn Store, clock: &'a dyn Clock) -> Budgeted<'a> {
        Budgeted::new(&*self.stripe, store, self.budget, clock)
    }
}

/// Looks at the endpoint at Stripe for an operator, and raises and ends the alerts on it. Returns `None`
/// if that was done within the last minute, or if the URL of the endpoint is not known.
///
/// # Errors
/// If the store failed.
pub async fn check_endpoint(
    access: &StripeAccess,
    store: &dyn Store,
    clock: &dyn Clock,
) -> Result<Option<EndpointCheck>, StoreError> {
    let Some(url) = &access.webhook_url else { return Ok(None) };
    let stripe = access.budgeted(store, clock);
    let check = EndpointCheck::make(&stripe, store, url, access.livemode, clock).await?;
    if let Some(check) = &check {
        store.raise(&check.changes(), clock.now()).await?;
    }
    Ok(check)
}

/// Asks Stripe.
pub struct StripePoller {
    access: StripeAccess,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    counts: Option<Arc<Counts>>,
}

impl StripePoller {
    /// Asks by `access` what `store` lacks.
    #[must_use]
    pub fn new(
        access: StripeAccess,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Self {
        Self { access, store, clock, chance, counts: None }
    }

    /// Counts what is read and what was missing.
    #[must_use]
    pub fn with_counts(mut self, counts: Arc<Counts>) -> Self {
        let (stripe, clock) = (self.access.stripe, Arc::clone(&self.clock));
        let counted = CountedStripe { stripe, clock, counts: Arc::clone(&counts) };
        self.access.stripe = Arc::new(counted);
        self.counts = Some(counts);
        self
    }

    /// Asks what happened, compares, looks at the endpoint, and then reads payouts and the balance, as
    /// far as that is due and `steps` reads go for all of it; the next call goes on.
    pub async fn poll(&self, steps: u32) {
        let stripe = self.budgeted();
        let mut left = steps;
        match self.job(&stripe).tend(&mut left).await {
            Ok(done) => {
                if let Some(counts) = &self.counts {
                    counts.reconciled(done.iter().map(events_recorded).sum());
                }
                done.iter().for_each(log_done);
            }
            Err(error) => job_failed(&error),
        }
        let (store, clock) = (&*self.store, &*self.clock);
        let payouts = PayoutsJob { stripe: &stripe, store, clock, livemode: self.access.livemode };
        if let Err(error) = payouts.tend(left).await {
            job_failed(&error);
        }
    }

    /// Fetches the objects of up to `limit` thin events that are due.
    pub async fn fetch(&self, limit: u32) {
        let stripe = self.budgeted();
        match self.job(&stripe).fetch(limit).await {
            Ok(outcomes) => outcomes.iter().for_each(log_fetched),
            Err(error) => job_failed(&error),
        }
    }

    fn budgeted(&self) -> Budgeted<'_> {
        self.access.budgeted(&*self.store, &*self.clock)
    }

    fn job<'a>(&'a self, stripe: &'a Budgeted<'a>) -> StripeJob<'a> {
        StripeJob {
            stripe,
            store: &*self.store,
            webhook_url: self.access.webhook_url.as_deref(),
            livemode: self.access.livemode,
            clock: &*self.clock,
            jitter: self.chance.number(),
        }
    }
}

fn events_recorded(done: &Done) -> u64 {
    match done {
        Done::Polled { events_recorded, .. } => *events_recorded,
        Done::Reported { report, .. } => report.events_recorded,
        Done::EndpointSeen(_) => 0,
    }
}

/// The monitor says what is wrong with the store.
fn job_failed(error: &StoreError) {
    tracing::debug!(
        outcome = LogOutcome::JobFailed.name(),
        reason = error.name(),
        "the store failed during a job at Stripe"
    );
}
