//! What this isolate has seen that is to be followed up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use portal_domain::Clock;
use portal_domain::ids::EnumWord;
use portal_domain::monitor::{REFUSAL_WINDOW, Refusals};
use portal_domain::{Alert, AlertChange, Refusal, State, Unavailable, UnixSeconds};
use portal_http::Observe;

/// How long the same trouble is not raised again: that is a write, and whoever causes the trouble
/// shall not decide how many there are. Well below [`REFUSAL_WINDOW`], after which it has ended.
const RAISE_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Counts what requests come to.
pub(crate) struct IsolateCounts {
    clock: Arc<dyn Clock>,
    counted: Mutex<IsolateCounted>,
}

/// What is to be done when the answer is out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PendingWork {
    /// Whether what was recorded may have to be told.
    pub(crate) notify: bool,
    /// Whether the object of an event is to be fetched.
    pub(crate) fetch: bool,
    /// What is to be raised.
    pub(crate) alerts: Vec<Alert>,
}

/// Other isolates have counts of their own.
#[derive(Default)]
struct IsolateCounted {
    notify: bool,
    fetch: bool,
    refusals: Refusals,
    /// When the window began in which the refusals are counted.
    refusals_since: UnixSeconds,
    burst: Raising,
    unavailable: u64,
    /// Why the last of them was.
    reason: &'static str,
    outage: Raising,
}

/// When a trouble was seen and raised.
#[derive(Default)]
struct Raising {
    /// Seen since it was last raised.
    seen: bool,
    raised_at: Option<UnixSeconds>,
}

impl IsolateCounts {
    /// Nothing yet.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counted: Mutex::default() }
    }

    /// A new event was recorded, in that state; it may have raised an alert.
    pub(crate) fn recorded(&self, state: State, may_alert: bool) {
        let mut counted = self.lock();
        counted.notify |= may_alert || matches!(state, State::Dead(_));
        counted.fetch |= state == State::AwaitingObject;
    }

    /// What is to be done about what was counted since this was last called.
    pub(crate) fn take(&self) -> PendingWork {
        self.lock().take(self.clock.now())
    }

    /// How many deliveries could not be made durable since the isolate began.
    pub(crate) fn unavailable_so_far(&self) -> u64 {
        self.lock().unavailable
    }

    fn lock(&self) -> MutexGuard<'_, IsolateCounted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observe for IsolateCounts {
    fn refused(&self, refusal: Refusal) {
        self.lock().refused(refusal, self.clock.now());
    }

    fn unavailable(&self, unavailable: &Unavailable) {
        self.lock().unavailable(unavailable);
    }
}

impl IsolateCounted {
    fn refused(&mut self, refusal: Refusal, now: UnixSeconds) {
        if now.since(self.refusals_since) >= REFUSAL_WINDOW.as_secs() {
            self.refusals = Refusals::default();
            self.refusals_since = now;
        }
        self.refusals.count(refusal);
        self.burst.seen |= matches!(refusal, Refusal::Signature(_));
    }

    fn unavailable(&mut self, unavailable: &Unavailable) {
        self.unavailable += 1;
        self.reason = unavailable.name();
        self.outage.seen = true;
    }

    fn take(&mut self, now: UnixSeconds) -> PendingWork {
        let burst = match self.refusals.judge(now) {
            AlertChange::Raise(alert) => Some(alert),
            // That it has ended is for who knows of all isolates.
            AlertChange::ResolveIfQuietSince { .. } | AlertChange::Resolve(_) => None,
        };
        let refused = self.unavailable;
        let outage =
            EnumWord::new(self.reason).map(|reason| Alert::StoreUnavailable { reason, refused });
        let alerts = [self.burst.raise(burst, now), self.outage.raise(outage, now)];
        PendingWork {
            notify: std::mem::take(&mut self.notify),
            fetch: std::mem::take(&mut self.fetch),
            alerts: alerts.into_iter().flatten().collect(),
        }
    }
}

impl Raising {
    /// `alert`, where the trouble was seen again and may be raised again.
    fn raise(&mut self, alert: Option<Alert>, now: UnixSeconds) -> Option<Alert> {
        let seen = std::mem::take(&mut self.seen);
        let recent = self.raised_at.is_some_and(|at| now.since(at) < RAISE_EVERY.as_secs());
        let alert = alert.filter(|_| seen && !recent)?;
        self.raised_at = Some(now);
        Some(alert)
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::signature::SignatureRefusal;
    use portal_domain::{Alert, Refusal, StoreError, Unavailable, UnixSeconds};

    use super::{IsolateCounted, PendingWork};

    const FORGED: Refusal = Refusal::Signature(SignatureRefusal::NoMatch);

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(1_795_355_400 + seconds).unwrap()
    }

    impl IsolateCounted {
        /// What is raised where one forged delivery came at each of those seconds.
        fn refusing(&mut self, seconds: impl IntoIterator<Item = i64>) -> Vec<(i64, u64)> {
            let mut raised = Vec::new();
            for second in seconds {
                self.refused(FORGED, at(second));
                for alert in self.take(at(second)).alerts {
                    let Alert::SignatureRefusals { count, .. } = alert else { panic!("{alert:?}") };
                    raised.push((second, count));
                }
            }
            raised
        }
    }

    #[test]
    fn five_refusals_within_five_minutes_are_a_burst() {
        assert_eq!(IsolateCounted::default().refusing([0, 60, 120, 180]), []);
        assert_eq!(IsolateCounted::default().refusing([0, 60, 120, 180, 299]), [(299, 5)]);
        assert_eq!(IsolateCounted::default().refusing([0, 60, 120, 180, 300]), []);
    }

    #[test]
    fn however_many_are_refused_a_burst_is_raised_once_a_minute() {
        let raised = IsolateCounted::default().refusing(0..130);
        assert_eq!(raised, [(4, 5), (64, 65), (124, 125)]);
    }

    #[test]
    fn a_burst_is_not_raised_again_for_what_is_accepted() {
        let mut counted = IsolateCounted::default();
        assert_eq!(counted.refusing([0, 1, 2, 3, 4]), [(4, 5)]);
        assert_eq!(counted.take(at(100)), PendingWork::default());
    }

    #[test]
    fn an_outage_is_raised_with_the_first_delivery_it_costs() {
        let mut counted = IsolateCounted::default();
        counted.unavailable(&Unavailable::DeadlinePassed);
        let mut raised = |second| counted.take(at(second)).alerts;
        let alert = |reason: &str, refused| {
            let reason = portal_domain::EnumWord::new(reason).unwrap();
            vec![Alert::StoreUnavailable { reason, refused }]
        };
        assert_eq!(raised(0), alert("deadline_passed", 1));
        assert_eq!(raised(1), []);
        counted.unavailable(&Unavailable::Store(StoreError::Full));
        assert_eq!(counted.take(at(59)).alerts, [], "it was just raised");
        counted.unavailable(&Unavailable::Store(StoreError::Full));
        assert_eq!(counted.take(at(60)).alerts, alert("store_full", 3));
    }

    #[test]
    fn what_was_recorded_is_notified_or_fetched_once() {
        let mut counted = IsolateCounted { notify: true, ..IsolateCounted::default() };
        assert_eq!(counted.take(at(0)), PendingWork { notify: true, ..PendingWork::default() });
        counted.fetch = true;
        assert_eq!(counted.take(at(0)), PendingWork { fetch: true, ..PendingWork::default() });
        assert_eq!(counted.take(at(0)), PendingWork::default());
    }
}
