//! The work that recorded events leave to do when the response has been sent.

use std::sync::atomic::{AtomicBool, Ordering};

use portal_domain::State;

/// The work left to this isolate; others have their own. The next minute does what it forgets.
#[derive(Default)]
pub(crate) struct PendingWork {
    notify: AtomicBool,
    fetch: AtomicBool,
}

impl PendingWork {
    /// A new event was recorded, in that state; it may have raised an alert.
    pub(crate) fn recorded(&self, state: State, may_alert: bool) {
        self.notify.fetch_or(may_alert || matches!(state, State::Dead(_)), Ordering::Relaxed);
        self.fetch.fetch_or(matches!(state, State::AwaitingObject { .. }), Ordering::Relaxed);
    }

    /// True if channels may have to be notified since the last call.
    pub(crate) fn take_notify(&self) -> bool {
        self.notify.swap(false, Ordering::Relaxed)
    }

    /// True if the object of an event is to be fetched since the last call.
    pub(crate) fn take_fetch(&self) -> bool {
        self.fetch.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::State;

    use super::PendingWork;

    #[test]
    fn what_was_recorded_is_notified_or_fetched_once() {
        let work = PendingWork::default();
        work.recorded(State::Processed, false);
        assert!(!work.take_notify() && !work.take_fetch());
        work.recorded(State::Processed, true);
        assert!(work.take_notify() && !work.take_notify() && !work.take_fetch());
        work.recorded(State::AwaitingObject { was_dead: false }, false);
        assert!(work.take_fetch() && !work.take_fetch() && !work.take_notify());
    }
}
