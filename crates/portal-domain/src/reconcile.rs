//! Reconciling: Stripe is asked what happened, and what is missing here is recorded.
//!
//! A [`Run`] goes through a window of time in steps of one read each, or two: first the events, then the
//! objects, which tell of what Stripe made no event of, then what the ledger has beyond them. It can
//! be written down between any two steps and gone on with by anybody. What it finds is recorded like
//! a delivery, with [`Origin::Reconciled`](crate::Origin::Reconciled), and settled in the ordinary
//! way.

mod compare;
mod events;
mod invoiced;
mod ledger;
mod objects;
mod observed;
mod run;
mod taken;

use jiff::SignedDuration;

use crate::report::Difference;
use crate::settle::settle_due;
use crate::store::{Store, StoreError};
use crate::stripe::Stripe;
use crate::time::UnixSeconds;

use run::Phase;
pub use run::{Run, Scope};

/// How far before the last look the next one begins: Stripe's events may show up late, in a second
/// that was read already.
pub const OVERLAP: SignedDuration = SignedDuration::from_mins(15);

/// How far before the last comparison of objects the next one begins.
pub const OBJECTS_OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// What happened so shortly ago is not missing yet: its delivery is on the way.
pub const ON_THE_WAY: SignedDuration = SignedDuration::from_mins(2);

/// How far the first look goes back: as long as Stripe repeats deliveries
/// (<https://docs.stripe.com/webhooks#retries>).
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(3 * 24);

/// For how long Stripe lists events (<https://docs.stripe.com/api/events/list>).
pub const EVENTS_LISTED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a run needs.
pub struct Reconciler<'a> {
    /// Stripe's API, within its budget.
    pub stripe: &'a dyn Stripe,
    /// The inbox and the ledger.
    pub store: &'a dyn Store,
    /// Tells the time.
    pub now: &'a (dyn Fn() -> UnixSeconds + Send + Sync),
    /// Any random number.
    pub jitter: u64,
}

impl Reconciler<'_> {
    /// Goes one step further: one read, or two where a payment's invoice is not known. Does nothing where the run has ended.
    ///
    /// # Errors
    /// Where the store failed; the step can be made again.
    pub async fn step(&self, run: &mut Run) -> Result<(), StoreError> {
        match run.phase.clone() {
            Phase::Events(walk) => self.events(run, walk).await,
            Phase::Objects { list, after } => self.objects(run, list, after).await,
            Phase::Invoiced { after, payments } => self.invoiced(run, after, payments).await,
            Phase::Ledger(queue) => self.ledger(run, queue).await,
            Phase::Last => self.last(run).await,
            Phase::Ended => Ok(()),
        }
    }

    /// What differed may have been repaired since, by an event that was on its way.
    async fn last(&self, run: &mut Run) -> Result<(), StoreError> {
        self.settle().await?;
        let unsure = std::mem::take(&mut run.unsure);
        let ids: Vec<_> = unsure.iter().map(|it| it.due.id.clone()).collect();
        for (it, here) in unsure.into_iter().zip(self.store.donations_of(&ids).await?) {
            let repaired = it.due.differs(here.as_ref()).is_none();
            run.report.found(it.due.id, it.difference, repaired);
        }
        let twice = std::mem::take(&mut run.twice);
        for (payment, here) in twice.iter().zip(self.store.donations_of(&twice).await?) {
            let still = here.is_some_and(|here| here.id == *payment);
            run.report.found(payment.clone(), Difference::CountedTwice, !still);
        }
        run.report.made_at = (self.now)();
        run.phase = Phase::Ended;
        Ok(())
    }

    /// Settles what is due, so that the ledger has what was just recorded; not all of a long backlog.
    async fn settle(&self) -> Result<(), StoreError> {
        for _ in 0..SETTLINGS {
            let (now, jitter) = ((self.now)(), self.jitter);
            if settle_due(self.store, SETTLED_AT_ONCE, now, jitter).await?.len() < AT_ONCE {
                break;
            }
        }
        Ok(())
    }
}

/// How many events are settled in one step of the store: more than a page brings.
const SETTLED_AT_ONCE: u32 = 256;
const AT_ONCE: usize = SETTLED_AT_ONCE as usize;

/// How many such steps follow a read.
const SETTLINGS: u32 = 4;
