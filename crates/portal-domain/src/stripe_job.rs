//! The job that polls Stripe: it lists events every few minutes, compares everything once a day, and
//! checks the endpoint. One process does it for all that share the store.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::alert::{
    Alert, AlertChange, EVENTS_NOT_DELIVERED, RECONCILIATION_INCOMPLETE, unreadable_key,
};
use crate::endpoint::{self, Problem};
use crate::endpoint_check::{self, EndpointCheck};
use crate::fetch::{self, fetch_due};
use crate::ports::{Lease, Store, StoreError, Written, stored_json};
use crate::read_budget::{Budgeted, ClockComparison, poll_every};
use crate::reconcile::{
    EVENTS_LISTED_FOR, FIRST_LOOK, OBJECTS_OVERLAP, ON_THE_WAY, OVERLAP, Reconciler, Run, Scope,
};
use crate::report::{Report, Verdict};
use crate::requested_run::{self, RequestedRun};
use crate::stripe::{ReadError, Resource, Window};
use crate::time::{Clock, UnixSeconds};
use crate::trail::{ActionOutcome, ActionResult};

/// The job's name in the store. A key sees its own mode only, so each mode has its own state.
#[must_use]
pub fn name(livemode: bool) -> &'static str {
    if livemode { "stripe_live" } else { "stripe_test" }
}

/// The name under which the objects of thin events are fetched.
const FETCHING: &str = "fetch";

/// The lease of the job, renewed with each step. A read takes half a minute at most, and is
/// tried three times.
const LEASE: SignedDuration = SignedDuration::from_mins(3);

/// The interval of full comparisons.
const REPORT_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// The time until the next comparison after one that a passing error kept incomplete.
const REPORT_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// The number of polls between two checks of the endpoint: an hour, with a whole budget. A missing
/// event brings the check forward.
const POLLS_BETWEEN_ENDPOINTS: i32 = 12;

/// The longest time between two checks of the endpoint.
const ENDPOINT_EVERY_MAX: SignedDuration = SignedDuration::from_hours(6);

/// A passing error raises an alert when it has lasted so many seconds.
const UNSEEN_SECONDS_MAX: i64 = 3600;

/// The number of reports that are searched for an incomplete one.
const REPORTS_LOOKED_AT: u32 = 7;

/// The job that polls Stripe, with its dependencies.
pub struct StripeJob<'a> {
    /// Stripe's API, within its budget.
    pub stripe: &'a Budgeted<'a>,
    /// The inbox and the ledger.
    pub store: &'a dyn Store,
    /// This service's public URL, as Stripe should have it.
    pub webhook_url: Option<&'a str>,
    /// The mode that the key can read.
    pub livemode: bool,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Any random number.
    pub jitter: u64,
}

/// A step that was done, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Events were listed.
    Polled {
        /// The number of events about money that were missing here.
        events_recorded: u64,
        /// The first resource that could not be read.
        unread: Option<(Resource, ReadError)>,
    },
    /// Everything was compared, and a report filed.
    Reported {
        /// Its number.
        number: u64,
        /// The report.
        report: Report,
    },
    /// The endpoint was checked.
    EndpointSeen(Result<Vec<Problem>, ReadError>),
}

/// The state of the job, saved between its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StripeJobState {
    /// All events before then have been asked for.
    pub reached: Option<UnixSeconds>,
    /// The time of the last poll, successful or not.
    polled_at: UnixSeconds,
    /// All objects made before then have been compared.
    reported: Option<UnixSeconds>,
    report_due_at: UnixSeconds,
    endpoint_due_at: UnixSeconds,
    /// The time at which the newest missing event happened.
    newest_missed: Option<UnixSeconds>,
    /// The run that is under way.
    run: Option<Run>,
    /// The clock of the machine that asked, by the last answer of Stripe.
    pub clock: Option<ClockComparison>,
}

impl StripeJob<'_> {
    /// Does the due work in up to `left` steps of one read each, unless another process has the lease, and
    /// leaves there how many are left. The comparison that an operator asked for takes the steps that are left: it may be long, and
    /// shall not delay what finds missing events.
    ///
    /// # Errors
    /// If the store failed. The work continues when the lease has ended.
    pub async fn tend(&self, left: &mut u32) -> Result<Vec<Done>, StoreError> {
        let mut done = self.tend_own(left).await?;
        done.extend(self.tend_requested(left).await?);
        Ok(done)
    }

    async fn tend_own(&self, left: &mut u32) -> Result<Vec<Done>, StoreError> {
        let job = name(self.livemode);
        let Some(leased) = self.store.lease_job(job, LEASE, self.clock.now()).await? else {
            return Ok(Vec::new());
        };
        let mut state = StripeJobState::read(leased.state.as_deref());
        let mut done = Vec::new();
        while *left > 0 {
            // A run under way goes on, whatever is left of the budget.
            if state.run.is_none() && self.due_at(&state).await? > self.clock.now() {
                break;
            }
            *left -= 1;
            done.extend(self.step(&mut state).await?);
            state.clock = self.stripe.clock_comparison().or(state.clock);
            // Written down after each step, so that nothing is done twice after a crash.
            let due_at = self.clock.now().after(LEASE);
            let kept = self.store.save_job(job, leased.lease, &state.written()?, due_at).await?;
            if kept == Written::Stale {
                return Ok(done);
            }
        }
        let due_at = self.due_at(&state).await?;
        self.store.save_job(job, leased.lease, &state.written()?, due_at).await?;
        Ok(done)
    }

    /// Fetches the due objects of up to `limit` thin events, unless another process has the lease.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn fetch(&self, limit: u32) -> Result<Vec<fetch::FetchResult>, StoreError> {
        if self.store.awaiting_object(1, self.clock.now()).await?.is_empty() {
            return Ok(Vec::new());
        }
        let Some(leased) = self.store.lease_job(FETCHING, LEASE, self.clock.now()).await? else {
            return Ok(Vec::new());
        };
        let fetched = fetch_due(self.stripe, self.store, limit, self.clock, self.jitter).await?;
        let changes = of_fetching(&fetched);
        if !changes.is_empty() {
            self.store.raise(&changes, self.clock.now()).await?;
        }
        self.store.save_job(FETCHING, leased.lease, "", self.clock.now()).await?;
        Ok(fetched)
    }

    /// Goes on with the comparison that an operator asked for, if there is one.
    async fn tend_requested(&self, left: &mut u32) -> Result<Option<Done>, StoreError> {
        let Self { stripe, store, clock, livemode, .. } = *self;
        // Asking costs one row read; a lease would be a write each time.
        if *left == 0 || requested_run::saved(store, livemode).await?.is_none() {
            return Ok(None);
        }
        let job = requested_run::job(livemode);
        let Some(leased) = store.lease_job(job, LEASE, clock.now()).await? else {
            return Ok(None);
        };
        let Some(mut requested) = requested_run::read(leased.state.as_deref()) else {
            return Ok(None);
        };
        while *left > 0 {
            *left -= 1;
            if requested.is_over(store).await? {
                requested.end(store, leased.lease, None, clock.now()).await?;
                return Ok(None);
            }
            Reconciler { stripe, store, clock }.step(&mut requested.run).await?;
            if requested.run.has_ended() {
                return self.report_requested(&requested, leased.lease).await.map(Some);
            }
            let due_at = clock.now().after(LEASE);
            if requested.save(store, leased.lease, due_at).await? == Written::Stale {
                return Ok(None);
            }
        }
        requested.save(store, leased.lease, clock.now()).await?;
        Ok(None)
    }

    async fn report_requested(
        &self,
        requested: &RequestedRun,
        lease: Lease,
    ) -> Result<Done, StoreError> {
        let (now, report) = (self.clock.now(), &requested.run.report);
        let number = file(self.store, report, now).await?;
        let result = match report.verdict() {
            Verdict::Complete => ActionResult::Done,
            Verdict::Differences | Verdict::Unknown => ActionResult::FoundWrong,
        };
        let outcome = ActionOutcome { at: now, count: report.shown, result };
        requested.end(self.store, lease, Some(outcome), now).await?;
        Ok(Done::Reported { number, report: report.clone() })
    }

    async fn due_at(&self, state: &StripeJobState) -> Result<UnixSeconds, StoreError> {
        Ok(state.due_at(self.every().await?, self.webhook_url))
    }

    async fn every(&self) -> Result<SignedDuration, StoreError> {
        Ok(poll_every(self.stripe.left().await?))
    }

    async fn step(&self, state: &mut StripeJobState) -> Result<Option<Done>, StoreError> {
        let now = self.clock.now();
        if let Some(mut run) = state.run.take() {
            let Self { stripe, store, clock, .. } = *self;
            Reconciler { stripe, store, clock }.step(&mut run).await?;
            if run.has_ended() {
                return self.conclude(state, &run).await.map(Some);
            }
            state.run = Some(run);
        } else if let Some(url) = self.webhook_url.filter(|_| state.endpoint_due_at <= now) {
            return self.check_endpoint(state, url).await;
        } else if state.report_due_at <= now {
            state.run = Some(self.full(state, now));
        } else {
            state.polled_at = now;
            state.run = Some(self.poll(state, now));
        }
        Ok(None)
    }

    fn poll(&self, state: &StripeJobState, now: UnixSeconds) -> Run {
        let since = state.reached.map_or_else(|| now.after(-FIRST_LOOK), |it| it.after(-OVERLAP));
        let until = now.after(-ON_THE_WAY);
        Run::poll(Window { since: since.min(until), until }, self.livemode, now)
    }

    fn full(&self, state: &StripeJobState, now: UnixSeconds) -> Run {
        let first = now.after(-FIRST_LOOK);
        let since = state.reported.map_or(first, |it| it.after(-OBJECTS_OVERLAP));
        // A resource that can never be read shall not make the others be read anew for ever.
        let since = since.max(now.after(-EVENTS_LISTED_FOR));
        let events_since = state.reported.map_or(first, |it| it.after(-OVERLAP));
        let until = now.after(-ON_THE_WAY);
        let window = Window { since: since.min(until), until };
        Run::full(window, events_since.min(until), self.livemode, now)
    }

    async fn conclude(&self, state: &mut StripeJobState, run: &Run) -> Result<Done, StoreError> {
        let (now, report) = (self.clock.now(), &run.report);
        let changes = state.take_over(run, now);
        let done = match run.scope() {
            Scope::Poll => Done::Polled {
                events_recorded: report.events_recorded,
                unread: report.unread.first().map(|it| (it.resource, it.why)),
            },
            Scope::Full => {
                let number = file(self.store, report, now).await?;
                Done::Reported { number, report: report.clone() }
            }
        };
        self.store.raise(&changes, now).await?;
        Ok(done)
    }

    async fn check_endpoint(
        &self,
        state: &mut StripeJobState,
        url: &str,
    ) -> Result<Option<Done>, StoreError> {
        let now = self.clock.now();
        let every = (self.every().await? * POLLS_BETWEEN_ENDPOINTS).min(ENDPOINT_EVERY_MAX);
        state.endpoint_due_at = now.after(every);
        let Self { stripe, store, clock, livemode, .. } = *self;
        let Some(check) = EndpointCheck::make(stripe, store, url, livemode, clock).await? else {
            // A missing event since the last check is a reason to check again as soon as that may be.
            state.endpoint_due_at = now.after(endpoint_check::EVERY);
            return Ok(None);
        };
        let failed = check.failed.map(|it| it.why);
        let mut changes = check.changes();
        changes.extend(of_resource(Resource::WebhookEndpoints, failed, false));
        store.raise(&changes, now).await?;
        let seen = failed.map_or_else(|| Ok(endpoint::problems(&check.endpoints)), Err);
        Ok(Some(Done::EndpointSeen(seen)))
    }
}

impl StripeJobState {
    /// Reads a saved state; one that cannot be read begins anew.
    #[must_use]
    pub fn read(written: Option<&str>) -> Self {
        written.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default()
    }

    fn written(&self) -> Result<String, StoreError> {
        stored_json(self)
    }

    fn due_at(&self, every: SignedDuration, webhook_url: Option<&str>) -> UnixSeconds {
        if self.run.is_some() {
            return UnixSeconds::default();
        }
        let poll = self.polled_at.after(every);
        let endpoint = webhook_url.map_or(poll, |_| self.endpoint_due_at);
        poll.min(self.report_due_at).min(endpoint)
    }

    /// Takes over the findings of a run, and returns the changes of alerts that follow.
    fn take_over(&mut self, run: &Run, now: UnixSeconds) -> Vec<AlertChange> {
        let report = &run.report;
        let until = report.window.until;
        let unread = report.unread.first();
        let passing = report.unread.iter().all(|it| it.why.is_passing());
        if !report.unread.iter().any(|it| it.resource == Resource::Events) {
            self.reached = self.reached.max(Some(until));
        }
        if run.scope() == Scope::Full {
            let again = if unread.is_some() && passing { REPORT_AGAIN } else { REPORT_EVERY };
            self.report_due_at = now.after(again);
            // The unread part belongs to the next comparison, as does what came before it. Events
            // are asked for with the smaller overlap, and shall be those of all of this window again.
            let compared = report.window.since.after(OVERLAP);
            let reported = self.reported.unwrap_or(compared);
            self.reported = Some(if unread.is_none() { until } else { reported });
        }
        let since = self.reached.unwrap_or(report.window.since);
        let long = now.since(since) >= UNSEEN_SECONDS_MAX;
        let unread =
            report.unread.iter().filter_map(|it| of_resource(it.resource, Some(it.why), long));
        let is_seen =
            |resource: &&Resource| !report.unread.iter().any(|it| it.resource == **resource);
        let seen = resources(run.scope()).iter().filter(is_seen);
        let seen = seen.filter_map(|resource| of_resource(*resource, None, long));
        unread.chain(seen).chain(self.of_deliveries(run, now)).collect()
    }

    /// Raises an alert if an event was not delivered, and resolves it after a later delivery.
    fn of_deliveries(&mut self, run: &Run, now: UnixSeconds) -> Option<AlertChange> {
        if let Some(oldest) = run.oldest_missed {
            self.newest_missed = self.newest_missed.max(run.newest_missed);
            // A disabled endpoint is the likeliest reason.
            self.endpoint_due_at = now;
            return Some(AlertChange::Raise(Alert::EventsNotDelivered {
                events: run.report.events_recorded,
                oldest_seconds: now.since(oldest),
            }));
        }
        (run.newest_delivered > self.newest_missed)
            .then(|| AlertChange::Resolve(EVENTS_NOT_DELIVERED.into()))
    }
}

/// Returns the alert changes for objects that cannot be fetched until somebody acts.
fn of_fetching(fetched: &[fetch::FetchResult]) -> Vec<AlertChange> {
    let unread =
        fetched.iter().filter_map(|it| Some((it.resource?, it.fetched.err().map(|it| it.0))));
    unread.filter_map(|(resource, unread)| of_resource(resource, unread, false)).collect()
}

/// Returns the resources that every run reads.
fn resources(scope: Scope) -> &'static [Resource] {
    match scope {
        Scope::Poll => &[Resource::Events],
        Scope::Full => &[
            Resource::Events,
            Resource::InvoicePayments,
            Resource::Invoices,
            Resource::PaymentIntents,
            Resource::Charges,
            Resource::Disputes,
        ],
    }
}

/// Raises an alert for an error; for a passing one only if it has lasted `long`.
pub(crate) fn of_resource(
    resource: Resource,
    unread: Option<ReadError>,
    long: bool,
) -> Option<AlertChange> {
    match unread {
        None => Some(AlertChange::Resolve(unreadable_key(resource))),
        Some(why) if why.is_passing() && !long => None,
        Some(why) => Some(AlertChange::Raise(Alert::StripeUnreadable { resource, why })),
    }
}

/// Files a report, and raises an alert if it, or one before it, is incomplete.
///
/// # Errors
/// If the store failed.
pub async fn file(store: &dyn Store, report: &Report, now: UnixSeconds) -> Result<u64, StoreError> {
    let number = store.file_report(report).await?;
    let reports = store.reports(None, REPORTS_LOOKED_AT).await?;
    let of_the_mode = reports.iter().map(|(_, it)| it).filter(|it| it.livemode == report.livemode);
    let change = match not_complete(of_the_mode) {
        None => AlertChange::Resolve(RECONCILIATION_INCOMPLETE.into()),
        Some(it) => AlertChange::Raise(Alert::ReconciliationIncomplete {
            open: it.open,
            unread: it.unread.len() as u64,
        }),
    };
    store.raise(&[change], now).await?;
    Ok(number)
}

/// Returns the last incomplete report whose time no later one has completed.
fn not_complete<'r>(last_first: impl Iterator<Item = &'r Report>) -> Option<&'r Report> {
    let mut complete: Vec<Window> = Vec::new();
    for report in last_first {
        let Window { since, until } = report.window;
        if report.verdict() == Verdict::Complete {
            complete.push(report.window);
        } else if !complete.iter().any(|it| it.since <= since && until <= it.until) {
            return Some(report);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::not_complete;
    use crate::report::Report;
    use crate::stripe::{ReadError, Resource, Window};
    use crate::time::UnixSeconds;

    fn report(since: i64, until: i64) -> Report {
        let at = |seconds| UnixSeconds::new(seconds).unwrap();
        Report::new(Window { since: at(since), until: at(until) }, true)
    }

    #[test]
    fn what_was_not_seen_is_told_until_a_later_report_has_seen_all_of_it() {
        let mut blind = report(10, 20);
        blind.unread_resource(Resource::Events, ReadError::TimedOut);
        assert_eq!(not_complete([&blind].into_iter()), Some(&blind));
        assert_eq!(not_complete([&report(12, 30), &blind].into_iter()), Some(&blind));
        assert_eq!(not_complete([&report(30, 40), &report(5, 30), &blind].into_iter()), None);
        assert_eq!(not_complete([&blind, &report(5, 30)].into_iter()), Some(&blind));
    }
}
