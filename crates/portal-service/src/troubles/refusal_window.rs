//! The refused signatures of the last minutes, and what was accepted beside them.

use std::collections::VecDeque;

use portal_domain::monitor::{REFUSAL_WINDOW, Refusals};
use portal_domain::{Alert, AlertChange, Refusal, UnixSeconds};

/// Counts of the last [`REFUSAL_WINDOW`], by the second: it has no more seconds than that.
#[derive(Default)]
pub(super) struct RefusalWindow {
    by_second: VecDeque<(UnixSeconds, Refusals)>,
}

impl RefusalWindow {
    /// Counts a refusal at `now`; true if there is a burst with it.
    pub(super) fn refused(&mut self, refusal: Refusal, now: UnixSeconds) -> bool {
        self.forget_old(now);
        self.count(now, |it| it.count(refusal));
        self.burst(now).is_some()
    }

    /// Counts an accepted delivery at `now`. Returns false if no refusal is in the window any more, so
    /// that what is accepted need not be counted.
    pub(super) fn accepted(&mut self, now: UnixSeconds) -> bool {
        self.forget_old(now);
        let counts = !self.by_second.is_empty();
        if counts {
            self.count(now, |it| it.accepted += 1);
        }
        counts
    }

    /// Returns the alert about the window up to `now`, if its refusals are a burst.
    pub(super) fn burst(&self, now: UnixSeconds) -> Option<Alert> {
        let mut sum = Refusals::default();
        self.by_second.iter().for_each(|(_, refusals)| sum += *refusals);
        match sum.judge(now) {
            AlertChange::Raise(alert) => Some(alert),
            // Only the monitor says that it has ended: it knows of all processes.
            AlertChange::ResolveIfQuietSince { .. } | AlertChange::Resolve(_) => None,
        }
    }

    fn count(&mut self, now: UnixSeconds, count: impl FnOnce(&mut Refusals)) {
        match self.by_second.back_mut().filter(|it| it.0 == now) {
            Some((_, refusals)) => count(refusals),
            None => {
                let mut refusals = Refusals::default();
                count(&mut refusals);
                self.by_second.push_back((now, refusals));
            }
        }
    }

    /// Forgets what is older than the window, and what is newer than now after the clock was set back;
    /// then what was accepted before the first refusal that is left.
    fn forget_old(&mut self, now: UnixSeconds) {
        self.by_second.retain(|(at, _)| (0..REFUSAL_WINDOW.as_secs()).contains(&now.since(*at)));
        while self.by_second.front().is_some_and(|(_, it)| it.sum() == 0) {
            self.by_second.pop_front();
        }
    }
}
