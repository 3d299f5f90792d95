//! What the HTTP surface turned away, counted for the watch.

use std::sync::{Mutex, MutexGuard, PoisonError};

use portal_domain::monitor::Refusals;
use portal_domain::{Refusal, Unavailable};
use portal_http::Observe;

/// Counts since they were last taken.
#[derive(Default)]
pub(crate) struct RequestCounts(Mutex<CountedRequests>);

/// What was counted.
#[derive(Default)]
pub(crate) struct CountedRequests {
    /// Signatures that were refused.
    pub(crate) refusals: Refusals,
    /// Deliveries that could not be made durable.
    pub(crate) unavailable: u64,
    /// Why the last of them could not.
    pub(crate) reason: Option<&'static str>,
}

impl RequestCounts {
    /// What was counted since this was last called.
    pub(crate) fn take(&self) -> CountedRequests {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, CountedRequests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observe for RequestCounts {
    fn refused(&self, refusal: Refusal) {
        self.lock().refusals.count(refusal);
    }

    fn unavailable(&self, unavailable: &Unavailable) {
        // Who ends is not unwell.
        if *unavailable == Unavailable::ShuttingDown {
            return;
        }
        let mut counted = self.lock();
        counted.unavailable += 1;
        counted.reason = Some(unavailable.name());
    }
}
