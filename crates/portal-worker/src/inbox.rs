//! The durable inbox: each delivery is one write of its own.
//!
//! There is no group commit here: what one request waits for, another cannot fulfil.

use std::slice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::Clock;
use portal_domain::record::record_all;
use portal_domain::{
    DeadReason, Entry, Ready, Record, Recorded, State, Store, StoreError, Unavailable,
};
use portal_service::{ReadinessCache, check_readiness};

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
    readiness: Mutex<ReadinessCache>,
}

impl StoreRecorder {
    /// The inbox of `store`; `work` is told of new events.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        work: Arc<PendingWork>,
    ) -> Self {
        Self { store, clock, work, readiness: Mutex::new(ReadinessCache::new(READY_FOR)) }
    }

    fn readiness(&self) -> MutexGuard<'_, ReadinessCache> {
        self.readiness.lock().unwrap_or_else(PoisonError::into_inner)
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
        let fresh = self.readiness().fresh(&*self.clock);
        if let Some(answer) = fresh {
            return answer;
        }
        let answer = with_timeout(check_readiness(&*self.store, &*self.clock)).await;
        self.readiness().keep(answer.clone(), &*self.clock);
        answer
    }
}

async fn with_timeout<T: Send>(
    step: impl Future<Output = Result<T, StoreError>> + Send,
) -> Result<T, Unavailable> {
    within(DEADLINE, step).await.ok_or(Unavailable::DeadlinePassed)?.map_err(Unavailable::Store)
}
