//! The troubles that requests show, counted for the monitor.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use portal_domain::ids::EnumWord;
use portal_domain::log_names::LogOutcome;
use portal_domain::monitor::{REFUSAL_WINDOW, Refusals};
use portal_domain::{
    Alert, AlertChange, Clock, Observe, Refusal, RequestRejection, StoreError, Unavailable,
    UnixSeconds,
};

/// A trouble that processes notice by themselves has ended when none has noticed it for so long.
///
/// Twice the time after which a process raises it again, so that one missed write is no end; no more,
/// because people wait for the end.
pub const QUIET: SignedDuration = SignedDuration::from_mins(2);

/// The time for which the same trouble is not raised again: that is a write, and whoever causes the trouble
/// shall not decide how many there are. Shorter than [`QUIET`], so that what goes on does not end.
pub const RAISE_EVERY: SignedDuration = SignedDuration::from_mins(1);
const _: () = assert!(RAISE_EVERY.as_secs() < QUIET.as_secs());

/// Counts what one process turns away; other processes have counts of their own.
pub struct Troubles {
    clock: Arc<dyn Clock>,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    /// Those of the last [`REFUSAL_WINDOW`], by the second: it has no more seconds than that.
    refusals: VecDeque<(UnixSeconds, Refusals)>,
    burst: Noticed,
    /// The number of deliveries that could not be made durable since the outage began.
    unavailable: u64,
    /// The last time and reason of that.
    last_unavailable: Option<(UnixSeconds, EnumWord)>,
    outage: Noticed,
    requests: RejectedRequests,
}

/// Requests that were rejected since the last log line, by [`RequestRejection::ALL`].
#[derive(Default)]
struct RejectedRequests {
    counts: [u64; RequestRejection::ALL.len()],
    logged_at: Option<UnixSeconds>,
}

impl RejectedRequests {
    fn count(&mut self, rejection: RequestRejection) {
        for (count, it) in self.counts.iter_mut().zip(RequestRejection::ALL) {
            *count += u64::from(*it == rejection);
        }
    }

    /// Takes the counts that are to be logged at `now`, if any.
    fn take(&mut self, now: UnixSeconds) -> Option<[u64; RequestRejection::ALL.len()]> {
        let recent = |at| now.since(at) < REJECTED_EVERY.as_secs();
        if self.logged_at.is_some_and(recent) || self.counts.iter().all(|count| *count == 0) {
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.counts))
    }
}

/// A trouble that this process has noticed.
#[derive(Default)]
struct Noticed {
    /// Since it was last raised.
    seen: bool,
    /// It is being raised.
    taken: bool,
    raised_at: Option<UnixSeconds>,
}

impl Troubles {
    /// Has counted nothing yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counted: Mutex::default() }
    }

    /// True if anything is to be raised now.
    #[must_use]
    pub fn any(&self) -> bool {
        let (now, counted) = (self.clock.now(), self.lock());
        counted.burst.is_due(now) || counted.outage.is_due(now)
    }

    /// Returns the alerts to raise at `now`. [`Troubles::stored`] or [`Troubles::store_failed`] says what
    /// came of it.
    pub(crate) fn take(&self, now: UnixSeconds) -> Vec<Alert> {
        let mut counted = self.lock();
        let mut alerts = Vec::new();
        if counted.burst.take(now) {
            alerts.extend(counted.burst_of(now));
        }
        if counted.outage.take(now) {
            alerts.extend(counted.outage());
        }
        alerts
    }

    /// Logs the number of requests that were rejected since the last such line, once a minute.
    pub(crate) fn log_rejected_requests(&self) {
        let now = self.clock.now();
        let Some(counts) = self.lock().requests.take(now) else { return };
        let [not_found, method_not_allowed, not_http, head_too_large] = counts;
        tracing::warn!(
            outcome = LogOutcome::RequestsRejected.name(),
            not_found,
            method_not_allowed,
            not_http,
            head_too_large,
            "requests that are no deliveries were rejected"
        );
    }

    /// The store has taken what was to be raised.
    pub(crate) fn stored(&self) {
        let mut counted = self.lock();
        counted.burst.taken = false;
        counted.outage.taken = false;
    }

    /// The store has failed: what was to be raised is raised when it takes something again, and so is
    /// that it failed, so that the trouble has an end where it was notified. Returns that alert.
    pub(crate) fn store_failed(&self, error: &StoreError) -> Option<Alert> {
        let mut counted = self.lock();
        counted.burst.was_lost();
        counted.outage = Noticed { seen: true, ..Noticed::default() };
        counted.goes_on(error.name(), self.clock.now());
        counted.outage()
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The least time between two log lines on rejected requests: whoever sends them shall not decide how
/// many lines there are.
const REJECTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

impl Observe for Troubles {
    fn rejected(&self, rejection: RequestRejection) {
        tracing::debug!(
            outcome = LogOutcome::RequestRejected.name(),
            reason = rejection.name(),
            "a request that is no delivery was rejected"
        );
        self.lock().requests.count(rejection);
        self.log_rejected_requests();
    }

    fn refused(&self, refusal: Refusal) {
        self.lock().refused(refusal, self.clock.now());
    }

    fn unavailable(&self, unavailable: &Unavailable) {
        // Shutting down is not an outage.
        if *unavailable == Unavailable::ShuttingDown {
            return;
        }
        let mut counted = self.lock();
        counted.goes_on(unavailable.name(), self.clock.now());
        counted.unavailable += 1;
        counted.outage.seen = true;
    }
}

impl Counted {
    fn refused(&mut self, refusal: Refusal, now: UnixSeconds) {
        match self.refusals.back_mut().filter(|it| it.0 == now) {
            Some((_, refusals)) => refusals.count(refusal),
            None => {
                let mut refusals = Refusals::default();
                refusals.count(refusal);
                self.refusals.push_back((now, refusals));
            }
        }
        self.forget_old(now);
        // Few refusals are no burst, and a later one may make them one.
        let is_burst = self.burst_of(now).is_some();
        self.burst.seen |= is_burst && matches!(refusal, Refusal::Signature(_));
    }

    /// Whatever is older than the window; and what is newer than now, after the clock was set back.
    fn forget_old(&mut self, now: UnixSeconds) {
        self.refusals.retain(|(at, _)| (0..REFUSAL_WINDOW.as_secs()).contains(&now.since(*at)));
    }

    fn burst_of(&self, now: UnixSeconds) -> Option<Alert> {
        let mut sum = Refusals::default();
        self.refusals.iter().for_each(|(_, refusals)| sum += *refusals);
        match sum.judge(now) {
            AlertChange::Raise(alert) => Some(alert),
            // Only the monitor says that it has ended: it knows of all processes.
            AlertChange::ResolveIfQuietSince { .. } | AlertChange::Resolve(_) => None,
        }
    }

    /// An outage is under way at `now`, for that reason; it is a new one where it was quiet before.
    fn goes_on(&mut self, reason: &'static str, now: UnixSeconds) {
        let last = self.last_unavailable.replace((now, EnumWord::of_name(reason)));
        if last.is_none_or(|(at, _)| now.since(at) > QUIET.as_secs()) {
            self.unavailable = 0;
        }
    }

    fn outage(&self) -> Option<Alert> {
        let (_, reason) = self.last_unavailable.clone()?;
        Some(Alert::StoreUnavailable { reason, refused: self.unavailable })
    }
}

impl Noticed {
    fn is_due(&self, now: UnixSeconds) -> bool {
        let recent = |at: UnixSeconds| now.since(at) < RAISE_EVERY.as_secs();
        self.seen && !self.raised_at.is_some_and(recent)
    }

    fn take(&mut self, now: UnixSeconds) -> bool {
        let due = self.is_due(now);
        if due {
            *self = Self { seen: false, taken: true, raised_at: Some(now) };
        }
        due
    }

    fn was_lost(&mut self) {
        if self.taken {
            *self = Self { seen: true, ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests;
