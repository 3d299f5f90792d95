//! Reconciliation: Stripe is asked for its events and objects, and missing ones are recorded.
//!
//! A [`Run`] goes through a window of time in steps of one or two reads each: first the events,
//! then the objects, which show changes for which Stripe made no event, then the donations that the
//! ledger has beyond them. It can be saved between any two steps and resumed by any process.
//! Findings are recorded like deliveries, with [`Origin::Reconciled`](crate::Origin::Reconciled).

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
use crate::ports::{Recorded, Store, StoreError};
use crate::record::record_all;
use crate::report::Difference;
use crate::stripe::Stripe;
use crate::time::Clock;

use run::Phase;
pub use run::{Run, Scope};
pub(crate) use synthetic_event::Observation;

/// The overlap of a poll with the one before: an event may appear late, in a second that was
/// already read.
pub const OVERLAP: SignedDuration = SignedDuration::from_mins(15);

/// The overlap of a comparison of objects with the one before.
pub const OBJECTS_OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Events younger than this are not missing yet, because their delivery may be in flight.
pub const ON_THE_WAY: SignedDuration = SignedDuration::from_mins(2);

/// The window of the first poll, which is as long as Stripe repeats deliveries
/// (<https://docs.stripe.com/webhooks#retries>).
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The age up to which Stripe lists events (<https://docs.stripe.com/api/events/list>).
pub const EVENTS_LISTED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The ports that a run uses.
pub struct Reconciler<'a> {
    /// Stripe's API, within the budget of reads.
    pub stripe: &'a dyn Stripe,
    pub store: &'a dyn Store,
    /// Tells the time.
    pub clock: &'a dyn Clock,
}

impl Reconciler<'_> {
    /// Does the next step: one read, or two if a payment's invoice is unknown. Does nothing after
    /// the end.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails; the step can be repeated.
    pub async fn step(&self, run: &mut Run) -> Result<(), StoreError> {
        match run.phase.clone() {
            Phase::Events(scan) => self.events(run, scan).await,
            Phase::Objects { list, after } => self.objects(run, list, after).await,
            Phase::Invoiced { after, payments } => self.invoiced(run, after, payments).await,
            Phase::Ledger(queue) => self.ledger(run, queue).await,
            Phase::Last => self.last(run).await,
            Phase::Ended => Ok(()),
        }
    }

    /// Checks the differences once more: an event in flight may have repaired them.
    async fn last(&self, run: &mut Run) -> Result<(), StoreError> {
        let mismatches = std::mem::take(&mut run.mismatches);
        let ids: Vec<_> = mismatches.iter().map(|it| it.expected.id.clone()).collect();
        for (it, here) in mismatches.into_iter().zip(self.store.donations_of(&ids).await?) {
            let repaired = it.expected.differs(here.as_ref()).is_none();
            run.report.found(it.expected.id, it.difference, repaired);
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

    /// Records events like deliveries. Returns for each if it was new.
    async fn record(&self, events: Vec<Event>) -> Result<Vec<Recorded>, StoreError> {
        let entries: Vec<_> = events.into_iter().map(|it| Arc::new(Entry::decide(it))).collect();
        record_all(self.store, &entries, self.clock.now()).await.into_iter().collect()
    }
}
