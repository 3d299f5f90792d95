//! The bell that calls the settler.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Calls one thread; any number may ring it, and never wait for it.
#[derive(Default)]
pub(crate) struct Bell {
    call: Mutex<Call>,
    changed: Condvar,
}

/// What the thread is called for. Only the last and greatest counts: however often it is rung while
/// nobody listens, that is one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    /// For nothing.
    #[default]
    Nothing,
    /// Events are due.
    Settle,
    /// It shall end, and nothing calls it back.
    End,
}

impl Bell {
    /// Says that events are due.
    pub(crate) fn ring(&self) {
        self.call_for(Call::Settle);
    }

    /// Says that it is over.
    pub(crate) fn end(&self) {
        self.call_for(Call::End);
    }

    /// Waits for a call for `what` or more, up to `limit`; tells what the thread is called for then.
    pub(crate) fn wait(&self, what: Call, limit: Duration) -> Call {
        let less = |call: &mut Call| *call < what;
        let waited = self.changed.wait_timeout_while(self.lock(), limit, less);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Answers the call for settling: only what is rung from now on calls again.
    pub(crate) fn answer(&self) {
        let mut call = self.lock();
        if *call == Call::Settle {
            *call = Call::Nothing;
        }
    }

    fn call_for(&self, what: Call) {
        let mut call = self.lock();
        *call = what.max(*call);
        drop(call);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Call> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Bell, Call};

    #[test]
    fn rung_often_is_one_call() {
        let bell = Bell::default();
        assert_eq!(bell.wait(Call::Settle, Duration::ZERO), Call::Nothing);
        bell.ring();
        bell.ring();
        assert_eq!(bell.wait(Call::Settle, Duration::MAX), Call::Settle);
        bell.answer();
        assert_eq!(bell.wait(Call::Settle, Duration::ZERO), Call::Nothing);
    }

    #[test]
    fn who_waits_for_the_end_is_not_woken_for_less() {
        let bell = Bell::default();
        bell.ring();
        assert_eq!(bell.wait(Call::End, Duration::from_millis(1)), Call::Settle);
        bell.end();
        assert_eq!(bell.wait(Call::End, Duration::MAX), Call::End);
    }

    #[test]
    fn nothing_calls_back_from_the_end() {
        let bell = Bell::default();
        bell.end();
        bell.ring();
        bell.answer();
        assert_eq!(bell.wait(Call::Settle, Duration::ZERO), Call::End);
    }
}
