//! A store whose failures are planned.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::{
    AlertChange, AlertRow, Alerts, AwaitingObject, Backlog, DeliveryHistory, Donation,
    DonationFilter, DonationRows, Entry, Event, EventFilter, EventId, Inbox, Jobs, Lease,
    LeasedJob, LeasedNotification, Ledger, NotificationOutcome, ObjectId, OperatorAction, Recorded,
    Report, Reports, Reprocess, Selection, Store, StoreError, Total, UnixSeconds, Written,
};

/// A store in front of another one, whose calls fail as the test has planned.
///
/// Each call, of whatever method, takes the next plan; without one it works. A plan that is left in
/// the end fails the test, because the failure that it was about never happened.
pub struct Lossy<S> {
    store: S,
    planned: Mutex<VecDeque<Call>>,
}

/// The fate of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// The store does it and says so.
    Works,
    /// The store does it, and the caller is told that it failed: a lost acknowledgement.
    SavesThenFails(StoreError),
    /// The store does nothing.
    Fails(StoreError),
    /// The store does nothing, and never says so; the caller may stop waiting.
    Hangs,
}

impl<S> Lossy<S> {
    /// Stands in front of `store`, a pointer to one: `&dyn Store`, `Arc<dyn Store>`, `Box<…>`.
    pub fn new(store: S) -> Self {
        Self { store, planned: Mutex::default() }
    }

    /// Plans the call after those that are planned already.
    pub fn plan(&self, call: Call) {
        self.planned().push_back(call);
    }

    fn planned(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Send + Sync> Lossy<S> {
    async fn call<T>(
        &self,
        step: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let planned = self.planned().pop_front();
        match planned {
            None | Some(Call::Works) => step.await,
            Some(Call::SavesThenFails(error)) => step.await.and(Err(error)),
            Some(Call::Fails(error)) => Err(error),
            Some(Call::Hangs) => std::future::pending().await,
        }
    }
}

#[async_trait]
impl<S: Deref<Target: Store> + Send + Sync> Inbox for Lossy<S> {
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.call(self.store.record(entries, now)).await
    }

    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError> {
        self.call(self.store.reprocess(steps, now)).await
    }

    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError> {
        self.call(self.store.ignore(which, now)).await
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.call(self.store.event(id)).await
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.call(self.store.events(filter)).await
    }

    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.call(self.store.events_for(action, which, after, limit)).await
    }

    async fn count_for(
        &self,
        action: OperatorAction,
        which: &Selection,
    ) -> Result<u64, StoreError> {
        self.call(self.store.count_for(action, which)).await
    }

    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        self.call(self.store.has_thin_event(events)).await
    }

    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
        self.call(self.store.ping(now)).await
    }
}

#[async_trait]
impl<S: Deref<Target: Store> + Send + Sync> Ledger for Lossy<S> {
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        self.call(self.store.donations_of(ids)).await
    }

    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError> {
        self.call(self.store.donation_rows(id)).await
    }

    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError> {
        self.call(self.store.parents_of(object)).await
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        self.call(self.store.donations(filter, after, limit)).await
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        self.call(self.store.totals(filter)).await
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        self.call(self.store.confirm(donations, now)).await
    }

    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
        self.call(self.store.check_ledger(limit)).await
    }

    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError> {
        self.call(self.store.repair_ledger(ids)).await
    }
}

#[async_trait]
impl<S: Deref<Target: Store> + Send + Sync> Alerts for Lossy<S> {
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        self.call(self.store.raise(changes, now)).await
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        self.call(self.store.alerts(limit)).await
    }

    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError> {
        self.call(self.store.lease_notification(channel, lease, now)).await
    }

    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        self.call(self.store.finish_notification(channel, outcome, now)).await
    }
}

#[async_trait]
impl<S: Deref<Target: Store> + Send + Sync> Jobs for Lossy<S> {
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError> {
        self.call(self.store.lease_job(job, lease, now)).await
    }

    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        self.call(self.store.save_job(job, lease, position, due_at)).await
    }

    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError> {
        self.call(self.store.job_state(job)).await
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        self.call(self.store.spend(reads, now)).await
    }

    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError> {
        self.call(self.store.awaiting_object(limit, now)).await
    }

    async fn postpone_fetch(
        &self,
        event: &EventId,
        at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        self.call(self.store.postpone_fetch(event, at)).await
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        self.call(self.store.prune(before, limit)).await
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        self.call(self.store.prunable(before)).await
    }
}

#[async_trait]
impl<S: Deref<Target: Store> + Send + Sync> Reports for Lossy<S> {
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        self.call(self.store.file_report(report)).await
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        self.call(self.store.reports(number, limit)).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.call(self.store.backlog()).await
    }

    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError> {
        self.call(self.store.delivery_history(since)).await
    }
}

impl<S> Drop for Lossy<S> {
    fn drop(&mut self) {
        if !thread::panicking() {
            assert_eq!(*self.planned(), [], "planned, and never called");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::{Call, Lossy};

    #[test]
    #[should_panic(expected = "planned, and never called")]
    fn a_plan_that_nobody_met_fails_the_test() {
        Lossy::new(()).plan(Call::Works);
    }

    #[test]
    fn a_call_that_hangs_does_nothing_and_may_be_given_up() {
        let lossy = Lossy::new(());
        lossy.plan(Call::Hangs);
        let step = async { panic!("the store did something") };
        let mut call = Box::pin(lossy.call::<()>(step));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        drop(call);
        let mut next = pin!(lossy.call(async { Ok(7) }));
        assert_eq!(next.as_mut().poll(&mut context), Poll::Ready(Ok(7)));
    }
}
