//! The job that reads payouts and the balance at Stripe once a day, and the lines of a payout as soon
//! as Stripe names them. One process does it for all that share the store.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::review::{self, Differing, Review};
use super::run::AGAIN_AFTER;
use super::{PayoutsRun, read_window};
use crate::alert::AlertChange;
use crate::ports::{Store, StoreError, Written, stored_json};
use crate::reconcile::{EVENTS_LISTED_FOR, FIRST_LOOK, Reconciler};
use crate::stripe::{ReadError, Resource, Stripe, Window};
use crate::stripe_job::of_resource;
use crate::time::{Clock, UnixSeconds};

/// The interval of readings of the balance and of the list of payouts.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// The time until the next reading after one that a passing error kept incomplete.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// The lease of the job, renewed with each step, as that of the job that polls Stripe.
const LEASE: SignedDuration = SignedDuration::from_mins(3);

/// The overlap of a reading of lines with the one before: a line may be listed an hour after its time
/// (<https://docs.stripe.com/payments/payment-intents/asynchronous-capture>).
const LINES_OVERLAP: SignedDuration = SignedDuration::from_hours(3);

/// The job, with its dependencies.
pub struct PayoutsJob<'a> {
    /// Stripe's API, within its budget.
    pub stripe: &'a dyn Stripe,
    pub store: &'a dyn Store,
    pub clock: &'a dyn Clock,
    /// The mode that the key can read.
    pub livemode: bool,
}

/// The state of the job, saved between its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct JobState {
    due_at: UnixSeconds,
    run: Option<PayoutsRun>,
    /// The review of what was read, after a run.
    review: Option<Review>,
    differing: Differing,
}

/// Returns the job's name in the store. A key sees its own mode only, so each mode has its own state.
#[must_use]
pub fn name(livemode: bool) -> &'static str {
    if livemode { "payouts_live" } else { "payouts_test" }
}

impl PayoutsJob<'_> {
    /// Does up to `steps` steps of what is due, unless another process has the lease.
    ///
    /// # Errors
    /// If the store failed. The work continues when the lease has ended.
    pub async fn tend(&self, steps: u32) -> Result<(), StoreError> {
        let (name, now) = (name(self.livemode), self.clock.now());
        // Asking costs a row read or two; a lease would be a write each time.
        if steps == 0 || !self.is_due(&read(self.store.job_state(name).await?), now).await? {
            return Ok(());
        }
        let Some(leased) = self.store.lease_job(name, LEASE, now).await? else { return Ok(()) };
        let mut state = read(leased.state);
        if state.is_idle() {
            state.run = Some(self.begin(&mut state, now).await?);
        }
        for left in (0..steps).rev() {
            self.step(&mut state).await?;
            let (is_last, now) = (left == 0 || state.is_idle(), self.clock.now());
            // Written down after each step, so that nothing is read twice after a crash.
            let due_at = if is_last { now } else { now.after(LEASE) };
            let kept =
                self.store.save_job(name, leased.lease, &stored_json(&state)?, due_at).await?;
            if is_last || kept == Written::Stale {
                break;
            }
        }
        Ok(())
    }

    async fn step(&self, state: &mut JobState) -> Result<(), StoreError> {
        let Self { stripe, store, clock, livemode } = *self;
        if let Some(mut run) = state.run.take() {
            Reconciler { stripe, store, clock }.read_payouts(&mut run).await?;
            if run.has_ended() {
                return self.conclude(state, &run).await;
            }
            state.run = Some(run);
        } else if let Some(review) = state.review.take() {
            let now = clock.now();
            let (rest, changes) =
                review::step(store, livemode, now, review, &mut state.differing).await?;
            store.raise(&changes, now).await?;
            state.review = rest;
            let young = |since: &UnixSeconds| now.since(*since) < review::DIFFERS_AFTER.as_secs();
            if state.differing.values().any(young) {
                state.due_at = state.due_at.min(now.after(review::DIFFERS_AFTER));
            }
        }
        Ok(())
    }

    async fn is_due(&self, state: &JobState, now: UnixSeconds) -> Result<bool, StoreError> {
        if !state.is_idle() || state.due_at <= now {
            return Ok(true);
        }
        let again = now.after(-AGAIN_AFTER);
        Ok(!self.store.payouts_to_read(self.livemode, again, 1).await?.is_empty())
    }

    async fn begin(
        &self,
        state: &mut JobState,
        now: UnixSeconds,
    ) -> Result<PayoutsRun, StoreError> {
        if state.due_at > now {
            return Ok(PayoutsRun::of_payouts(self.livemode));
        }
        state.due_at = now.after(EVERY);
        let known = read_window::get(self.store, self.livemode).await?;
        let since =
            known.map_or_else(|| now.after(-FIRST_LOOK), |it| it.until.after(-LINES_OVERLAP));
        let payouts = Window { since: now.after(-EVENTS_LISTED_FOR), until: now };
        let lines = Window { since: since.min(now), until: now };
        Ok(PayoutsRun::new(payouts, lines, self.livemode))
    }

    async fn conclude(&self, state: &mut JobState, run: &PayoutsRun) -> Result<(), StoreError> {
        let now = self.clock.now();
        if run.unread.iter().any(|(_, why)| why.is_passing()) {
            state.due_at = state.due_at.min(now.after(AGAIN));
        }
        let changes: Vec<_> = run.resources().iter().filter_map(|it| of_run(run, *it)).collect();
        state.review = Some(Review::begin());
        self.store.raise(&changes, now).await
    }
}

impl JobState {
    fn is_idle(&self) -> bool {
        self.run.is_none() && self.review.is_none()
    }
}

/// Raises an alert for a resource that cannot be read until somebody acts, and ends it for the others.
fn of_run(run: &PayoutsRun, resource: Resource) -> Option<AlertChange> {
    let unread: Option<ReadError> =
        run.unread.iter().find(|(it, _)| *it == resource).map(|(_, why)| *why);
    of_resource(resource, unread, false)
}

fn read(state: Option<String>) -> JobState {
    state.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}
