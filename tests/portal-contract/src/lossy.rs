//! A store whose failures are planned.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::payouts::{
    BalanceLine, BalanceReading, LineSum, MoneyLine, PayoutHistory, PayoutRow, StatementLine,
};
use portal_domain::time::Day;
use portal_domain::{
    Acknowledgement, ActionFilter, ActionOutcome, ActionRow, Actions, Actor, AlertChange,
    AlertFilter, AlertKey, AlertRow, Alerts, AwaitingObject, Backlog, ChannelRow, Currency,
    DeliveryHistory, DeliveryHour, Donation, DonationFilter, DonationRows, Entry, Event,
    EventFilter, EventId, HourSpan, Inbox, JobRow, Jobs, Lease, LeasedJob, LeasedNotification,
    Ledger, NewAction, NewSilence, NotificationOutcome, ObjectId, OperatorAction, PayoutFilter,
    Payouts, ReadError, Recorded, Report, Reports, Reprocess, Selection, Store, StoreError, Total,
    UnixSeconds, Window, Written,
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

/// Hands each operation on to the store, as the test has planned.
macro_rules! operations {
    ($($port:ident { $($name:ident($($value:ident: $kind:ty),*) -> $answer:ty;)* })*) => {$(
        #[async_trait]
        impl<S: Deref<Target: Store> + Send + Sync> $port for Lossy<S> {$(
            async fn $name(&self, $($value: $kind),*) -> Result<$answer, StoreError> {
                self.call(self.store.$name($($value),*)).await
            }
        )*}
    )*};
}

operations! {
    Inbox {
        record(entries: &[Arc<Entry>], now: UnixSeconds) -> Vec<Recorded>;
        reprocess(steps: &[Reprocess], now: UnixSeconds) -> Vec<Written>;
        ignore(which: &Selection, now: UnixSeconds) -> u64;
        acknowledge_events(which: &Selection, seen: &Acknowledgement) -> u64;
        acknowledgement(id: &EventId) -> Option<Acknowledgement>;
        event(id: &EventId) -> Option<Event>;
        events(filter: &EventFilter) -> Vec<Event>;
        search_end(filter: &EventFilter) -> Option<Event>;
        count_events(which: &Selection, limit: u32) -> u64;
        events_for(action: OperatorAction, which: &Selection, after: Option<&EventId>, limit: u32)
            -> Vec<Event>;
        count_for(action: OperatorAction, which: &Selection) -> u64;
        has_thin_event(events: &[Arc<Event>]) -> Vec<bool>;
        ping(now: UnixSeconds) -> Option<UnixSeconds>;
    }
    Ledger {
        donations_of(ids: &[ObjectId]) -> Vec<Option<Donation>>;
        donation_rows(id: &ObjectId) -> Option<DonationRows>;
        parents_of(object: &ObjectId) -> Vec<ObjectId>;
        donations(filter: &DonationFilter, after: Option<(UnixSeconds, &ObjectId)>, limit: u32)
            -> Vec<Donation>;
        donation_at(filter: &DonationFilter, after: Option<(UnixSeconds, &ObjectId)>, place: u32)
            -> Option<(UnixSeconds, ObjectId)>;
        totals(filter: &DonationFilter) -> Vec<Total>;
        totals_of_days(days: &[Day]) -> Vec<(usize, Total)>;
        confirm(donations: &[ObjectId], now: UnixSeconds) -> ();
        check_ledger(limit: u32) -> Vec<ObjectId>;
        repair_ledger(ids: &[ObjectId]) -> ();
    }
    Alerts {
        raise(changes: &[AlertChange], now: UnixSeconds) -> ();
        alerts(filter: AlertFilter, limit: u32) -> Vec<AlertRow>;
        alert(key: &AlertKey) -> Option<AlertRow>;
        acknowledge(key: &AlertKey, seen: &Acknowledgement) -> Written;
        silence(silence: &NewSilence, who: &Actor) -> Written;
        unsilence(key: &AlertKey) -> Written;
        lease_notification(channel: &str, lease: SignedDuration, now: UnixSeconds)
            -> Option<LeasedNotification>;
        finish_notification(channel: &str, outcome: &NotificationOutcome, now: UnixSeconds) -> ();
        channels() -> Vec<ChannelRow>;
    }
    Jobs {
        lease_job(job: &str, lease: SignedDuration, now: UnixSeconds) -> Option<LeasedJob>;
        save_job(job: &str, lease: Lease, state: &str, due_at: UnixSeconds) -> Written;
        job_state(job: &str) -> Option<String>;
        jobs() -> Vec<JobRow>;
        spend(reads: u32, now: UnixSeconds) -> u64;
        reads_by_day(now: UnixSeconds) -> Vec<(i64, u64)>;
        awaiting_object(limit: u32, now: UnixSeconds) -> Vec<AwaitingObject>;
        postpone_fetch(event: &EventId, at: UnixSeconds) -> Written;
        prune(before: UnixSeconds, limit: u32) -> u64;
        prunable(before: UnixSeconds) -> u64;
    }
    Reports {
        file_report(report: &Report) -> u64;
        reports(number: Option<u64>, limit: u32) -> Vec<(u64, Report)>;
        backlog() -> Backlog;
        delivery_history(since: UnixSeconds) -> DeliveryHistory;
        delivery_hours(spans: &[HourSpan]) -> Vec<DeliveryHour>;
    }
    Payouts {
        add_lines(lines: &[BalanceLine], payout: Option<&ObjectId>, now: UnixSeconds) -> ();
        unknown_objects(objects: &[ObjectId]) -> Vec<ObjectId>;
        finish_reading(payout: &ObjectId, unreadable: Option<ReadError>, begun: UnixSeconds,
            now: UnixSeconds) -> ();
        payouts_to_read(livemode: bool, again_before: UnixSeconds, limit: u32) -> Vec<ObjectId>;
        keep_balance(readings: &[BalanceReading]) -> ();
        last_balance(livemode: bool, until: UnixSeconds) -> Vec<BalanceReading>;
        payouts(filter: &PayoutFilter, after: Option<(UnixSeconds, &ObjectId)>, limit: u32)
            -> Vec<PayoutRow>;
        payouts_of(ids: &[ObjectId]) -> Vec<PayoutRow>;
        payout_lines(payout: &ObjectId) -> Vec<StatementLine>;
        lines_of(donations: &[ObjectId]) -> Vec<(usize, MoneyLine)>;
        payout_history(livemode: bool) -> Vec<(Currency, PayoutHistory)>;
        balance_lines(livemode: bool, window: Window, after: Option<(UnixSeconds, &ObjectId)>,
            limit: u32) -> Vec<BalanceLine>;
        line_sums(livemode: bool, window: Window) -> Vec<(Currency, LineSum)>;
    }
    Actions {
        begin_action(action: &NewAction, now: UnixSeconds) -> u64;
        finish_action(seq: u64, end: &ActionOutcome) -> Written;
        actions(by: &ActionFilter, limit: u32) -> Vec<ActionRow>;
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
