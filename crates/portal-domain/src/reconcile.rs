//! Reconciling: Stripe is asked what happened, and what is missing here is recorded.
//!
//! A [`Run`] goes through a window of time in steps of one read each, or two: first the events, then the
//! objects, which tell of what Stripe made no event of, then what the ledger has beyond them. It can
//! be written down between any two steps and gone on with by anybody. What it finds is recorded like
//! a delivery, with [`Origin::Reconciled`](crate::Origin::Reconciled).

mod compare;
mod events;
mod invoice_lookup;
mod ledger;
mod objects;
mod refunds_and_disputes;
mod run;
mod synthetic_event;

use std::sync::Arc;

use jiff::SignedDuration;

use crate::entry::Entry;
use crate::event::Event;
use crate::record::record_all;
use crate::report::Difference;
use crate::store::{Recorded, Store, StoreError};
use crate::stripe::Stripe;
use crate::time::Clock;

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
    pub clock: &'a dyn Clock,
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
        let unsure = std::mem::take(&mut run.unsure);
        let ids: Vec<_> = unsure.iter().map(|it| it.due.id.clone()).collect();
        for (it, here) in unsure.into_iter().zip(self.store.donations_of(&ids).await?) {
            let repaired = it.due.differs(here.as_ref()).is_none();
            run.report.found(it.due.id, it.difference, repaired);
        }
        let mut twice = std::mem::take(&mut run.twice);
        // A payment of several invoices was found with each.
        twice.sort();
        twice.dedup();
        for (payment, here) in twice.iter().zip(self.store.donations_of(&twice).await?) {
            let still = here.is_some_and(|here| here.id == *payment);
            run.report.found(payment.clone(), Difference::CountedTwice, !still);
        }
        run.report.made_at = self.clock.now();
        run.phase = Phase::Ended;
        Ok(())
    }

    /// Records events as deliveries are recorded; returns whether each was new.
    async fn record(&self, events: Vec<Event>) -> Result<Vec<Recorded>, StoreError> {
        let entries: Vec<_> = events.into_iter().map(|it| Arc::new(Entry::decide(it))).collect();
        record_all(self.store, &entries, self.clock.now()).await.into_iter().collect()
    }
}
