//! The troubles that requests show, counted for the monitor.

mod refusal_window;
mod rejections;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use portal_domain::ids::EnumWord;
use portal_domain::log_names::LogOutcome;
use portal_domain::secret::SECRETS_MAX;
use portal_domain::signature_history::SignatureHistory;
use portal_domain::{
    Alert, Answered, Clock, MatchedSecrets, Observe, Refusal, RequestRejection, SignatureRefusal,
    StoreError, Unavailable, UnixSeconds,
};

use crate::answer_times::AnswerTimes;
use crate::metrics::Counts;
use refusal_window::RefusalWindow;
use rejections::Rejections;

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
    /// Refusals are in the window. Else nothing is counted of a delivery that is accepted, and no lock
    /// is taken for it.
    refusing: AtomicBool,
    accepted: AcceptedCounts,
    counted: Mutex<Counted>,
    answer_times: Arc<AnswerTimes>,
    counts: Arc<Counts>,
    /// Returns the bytes that are free beside the database.
    free_space: Option<FreeSpace>,
}

type FreeSpace = Box<dyn Fn() -> Option<u64> + Send + Sync>;

/// The accepted deliveries by the secrets that they were signed with: one addition for each.
struct AcceptedCounts {
    all: [AtomicU64; MatchedSecrets::VALUES],
    /// Those of them that a history has.
    taken: [AtomicU64; MatchedSecrets::VALUES],
}

#[derive(Default)]
struct Counted {
    refusals: RefusalWindow,
    burst: Noticed,
    /// The number of deliveries that could not be made durable since the outage began.
    unavailable: u64,
    outage_began_at: UnixSeconds,
    /// The last time and reason of that.
    last_unavailable: Option<(UnixSeconds, EnumWord)>,
    outage: Noticed,
    rejections: Rejections,
    /// The refusals that no history has yet.
    refused: SignatureHistory,
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
        let answer_times = Arc::new(AnswerTimes::starting(clock.now()));
        Self {
            clock,
            refusing: AtomicBool::new(false),
            accepted: AcceptedCounts::default(),
            counted: Mutex::default(),
            answer_times,
            counts: Arc::default(),
            free_space: None,
        }
    }

    /// Measures the room beside the database by `free_space` where the disk is full.
    #[must_use]
    pub fn with_free_space(
        self,
        free_space: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> Self {
        Self { free_space: Some(Box::new(free_space)), ..self }
    }

    /// Returns the times of the answers of this process.
    #[must_use]
    pub fn answer_times(&self) -> Arc<AnswerTimes> {
        Arc::clone(&self.answer_times)
    }

    /// Returns the counts of this process, for its metrics.
    #[must_use]
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// Returns the number of deliveries that each secret has signed, by its place.
    pub(crate) fn signature_matches(&self) -> [u64; SECRETS_MAX] {
        let counts = self.accepted.counts();
        std::array::from_fn(|place| {
            let with = counts.iter().filter(|(matched, _)| matched.has(place));
            with.map(|(_, count)| count).sum()
        })
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
            alerts.extend(counted.refusals.burst(now));
        }
        if counted.outage.take(now) {
            alerts.extend(self.outage(&counted));
        }
        alerts
    }

    /// Logs the numbers of what was rejected since the last such lines, once a minute.
    pub(crate) fn log_rejections(&self) {
        let counts = self.lock().rejections.take(self.clock.now());
        counts.log();
    }

    /// Moves what was counted of signatures to `history`. The `fingerprints` are those of the secrets.
    pub(crate) fn take_signatures(
        &self,
        history: &mut SignatureHistory,
        fingerprints: &[Box<str>],
        now: UnixSeconds,
    ) {
        history.merge(std::mem::take(&mut self.lock().refused), now);
        for (matched, count) in self.accepted.take() {
            let with = fingerprints.iter().enumerate().filter(|(place, _)| matched.has(*place));
            if count > 0 {
                history.accepted(count, with.map(|(_, it)| &**it), now);
            }
        }
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
        self.outage(&counted)
    }

    fn outage(&self, counted: &Counted) -> Option<Alert> {
        let (_, reason) = counted.last_unavailable.clone()?;
        let is_full = reason.as_str() == StoreError::Full.name();
        let free_bytes = self.free_space.as_ref().filter(|_| is_full).and_then(|it| it());
        Some(Alert::StoreUnavailable {
            reason,
            began_at: counted.outage_began_at,
            refused: counted.unavailable,
            free_bytes,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observe for Troubles {
    fn accepted(&self, matched: MatchedSecrets) {
        self.accepted.count(matched);
        if self.refusing.load(Ordering::Relaxed) {
            let counts = self.lock().refusals.accepted(self.clock.now());
            self.refusing.store(counts, Ordering::Relaxed);
        }
    }

    fn answered(&self, answered: &Answered<'_>) {
        self.answer_times.count(answered.outcome, answered.elapsed);
        self.counts.answered(answered);
    }

    fn rejected(&self, rejection: RequestRejection) {
        tracing::debug!(
            outcome = LogOutcome::RequestRejected.name(),
            reason = rejection.name(),
            "a request that is no delivery was rejected"
        );
        let counts = {
            let rejections = &mut self.lock().rejections;
            rejections.request(rejection);
            rejections.take(self.clock.now())
        };
        counts.log();
    }

    fn logs_rejection(&self, reason: &'static str) -> bool {
        let now = self.clock.now();
        let (counts, logs) = {
            let rejections = &mut self.lock().rejections;
            // First the numbers of the minute before: the next one takes their place.
            (rejections.take(now), rejections.delivery(reason, now))
        };
        counts.log();
        logs
    }

    fn refused(&self, refusal: Refusal) {
        let (mut counted, now) = (self.lock(), self.clock.now());
        counted.refused.refused(refusal, now);
        let is_burst = counted.refusals.refused(refusal, now);
        // Few refusals are no burst, and a later one may make them one.
        counted.burst.seen |= is_burst
            && matches!(refusal, Refusal::Signature(it) if it != SignatureRefusal::SelfTest);
        self.refusing.store(true, Ordering::Relaxed);
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

impl AcceptedCounts {
    fn count(&self, matched: MatchedSecrets) {
        if let Some(count) = self.all.get(usize::from(matched.number())) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counts(&self) -> Vec<(MatchedSecrets, u64)> {
        let numbers = (0..=u8::MAX).map(MatchedSecrets::from_number);
        numbers.zip(self.all.iter().map(|it| it.load(Ordering::Relaxed))).collect()
    }

    /// Returns those that were counted since the last call.
    fn take(&self) -> Vec<(MatchedSecrets, u64)> {
        let since = |((matched, all), taken): ((_, u64), &AtomicU64)| {
            (matched, all.saturating_sub(taken.fetch_max(all, Ordering::Relaxed)))
        };
        self.counts().into_iter().zip(&self.taken).map(since).collect()
    }
}

impl Default for AcceptedCounts {
    fn default() -> Self {
        let none = || [const { AtomicU64::new(0) }; MatchedSecrets::VALUES];
        Self { all: none(), taken: none() }
    }
}

impl Counted {
    /// An outage is under way at `now`, for that reason; it is a new one where it was quiet before.
    fn goes_on(&mut self, reason: &'static str, now: UnixSeconds) {
        let last = self.last_unavailable.replace((now, EnumWord::of_name(reason)));
        if last.is_none_or(|(at, _)| now.since(at) > QUIET.as_secs()) {
            (self.unavailable, self.outage_began_at) = (0, now);
        }
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
