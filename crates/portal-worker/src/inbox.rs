//! The durable inbox: each delivery is one write of its own.
//!
//! There is no group commit here: what one request waits for, another cannot fulfil.

use std::slice;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::Clock;
use portal_domain::record::record_all;
use portal_domain::{
    DeadReason, Entry, Ready, Record, Recorded, State, Store, StoreError, Unavailable,
};

use crate::deadline::within;
use crate::pending_work::PendingWork;

/// The time that a delivery may wait for its write. Stripe gives up after ten seconds or more; the
/// sender must still be there to read the 503.
const DEADLINE: Duration = Duration::from_secs(5);

/// The time for which an answer about readiness is repeated: it takes a write of six rows, anybody may ask, and
/// the free plan has 100,000 a day.
const READY_FOR: Duration = Duration::from_secs(15);

/// Records in a store.
pub(crate) struct StoreRecorder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    work: Arc<PendingWork>,
    ready: Mutex<Option<Answered>>,
}

/// The last answer about readiness, with its time.
struct Answered {
    at: Duration,
    answer: Result<Ready, Unavailable>,
}

impl StoreRecorder {
    /// The inbox of `store`; `work` is told of new events.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        work: Arc<PendingWork>,
    ) -> Self {
        Self { store, clock, work, ready: Mutex::default() }
    }

    async fn look(&self) -> Result<Ready, StoreError> {
        let now = self.clock.now();
        let clock_ahead_seconds = self.store.ping(now).await?.map(|theirs| now.since(theirs));
        Ok(Ready { backlog: self.store.backlog().await?, clock_ahead_seconds })
    }
}

#[async_trait]
impl Record for StoreRecorder {
    async fn record(&self, entry: Arc<Entry>) -> Result<Recorded, Unavailable> {
        let now = self.clock.now();
        let step = async {
            let recorded = record_all(&*self.store, slice::from_ref(&entry), now).await.pop();
            recorded.unwrap_or(Err(StoreError::Corrupt))
        };
        let recorded = with_timeout(step).await?;
        match &recorded {
            Recorded::Duplicate => {}
            Recorded::New(state) => self.work.recorded(*state, entry.may_alert()),
            Recorded::WithoutChanges(_) => {
                self.work.recorded(State::Dead(DeadReason::LedgerFailed), true);
            }
        }
        Ok(recorded)
    }

    async fn ready(&self) -> Result<Ready, Unavailable> {
        let now = self.clock.monotonic();
        let known = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        let known = match known.filter(|it| now.saturating_sub(it.at) < READY_FOR) {
            Some(answered) => answered,
            None => Answered { at: now, answer: with_timeout(self.look()).await },
        };
        let answer = known.answer.clone();
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        answer
    }
}

async fn with_timeout<T: Send>(
    step: impl Future<Output = Result<T, StoreError>> + Send,
) -> Result<T, Unavailable> {
    within(DEADLINE, step).await.ok_or(Unavailable::DeadlinePassed)?.map_err(Unavailable::Store)
}
