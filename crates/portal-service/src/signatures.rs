//! The job that keeps which secrets deliveries were signed with, and why some were refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use portal_domain::log_names::LogOutcome;
use portal_domain::signature_history::{SIGNATURES_JOB, SignatureHistory};
use portal_domain::{Clock, Secrets, Store, StoreError, UnixSeconds, Written, stored_json};

use crate::troubles::Troubles;

/// The interval of writes: whoever sends deliveries shall not decide how many there are.
const WRITTEN_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// The lease of the job, which a read and a write take.
const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// Keeps for all replicas what one process has counted.
pub struct SignaturesJob {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    troubles: Arc<Troubles>,
    /// Those of the secrets, in the order of configuration.
    fingerprints: Vec<Box<str>>,
    unwritten: Mutex<Unwritten>,
}

#[derive(Default)]
struct Unwritten {
    history: SignatureHistory,
    written_at: Option<UnixSeconds>,
}

impl SignaturesJob {
    /// Keeps in `store` what `troubles` counts of deliveries that are signed with `secrets`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        troubles: Arc<Troubles>,
        secrets: &Secrets,
    ) -> Self {
        let fingerprints = secrets.iter().map(|it| it.fingerprint().into()).collect();
        Self { store, clock, troubles, fingerprints, unwritten: Mutex::default() }
    }

    /// Takes what was counted; true if a delivery was accepted and the last write is a minute ago. What
    /// is refused waits for [`SignaturesJob::tick`], so that no stranger causes a write.
    pub fn has_accepted(&self) -> bool {
        let now = self.clock.now();
        let mut unwritten = self.unwritten();
        self.troubles.take_signatures(&mut unwritten.history, &self.fingerprints, now);
        unwritten.history.has_accepted() && unwritten.is_due(now)
    }

    /// Writes what was counted, once a minute at most.
    pub async fn tick(&self) {
        let now = self.clock.now();
        let counted = {
            let mut unwritten = self.unwritten();
            self.troubles.take_signatures(&mut unwritten.history, &self.fingerprints, now);
            if unwritten.history.is_empty() || !unwritten.is_due(now) {
                return;
            }
            std::mem::take(&mut unwritten.history)
        };
        let written = self.write(&counted, now).await;
        let mut unwritten = self.unwritten();
        match written {
            Ok(true) => unwritten.written_at = Some(now),
            // Another process is writing; the next tick tries again.
            Ok(false) => unwritten.history.merge(counted, now),
            Err(error) => {
                unwritten.history.merge(counted, now);
                // The monitor says what is wrong with the store.
                tracing::debug!(
                    outcome = LogOutcome::JobFailed.name(),
                    reason = error.name(),
                    "the store failed while the use of secrets was written"
                );
            }
        }
    }

    /// Returns false if another process has the lease, or has taken it meanwhile.
    async fn write(
        &self,
        counted: &SignatureHistory,
        now: UnixSeconds,
    ) -> Result<bool, StoreError> {
        let Some(leased) = self.store.lease_job(SIGNATURES_JOB, LEASE, now).await? else {
            return Ok(false);
        };
        let mut history = SignatureHistory::from_json(leased.state.as_deref());
        history.merge(counted.clone(), now);
        let state = stored_json(&history)?;
        // Due at once: each process waits a minute between its own writes.
        let saved = self.store.save_job(SIGNATURES_JOB, leased.lease, &state, now).await?;
        Ok(saved == Written::Applied)
    }

    fn unwritten(&self) -> MutexGuard<'_, Unwritten> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unwritten {
    fn is_due(&self, now: UnixSeconds) -> bool {
        let recent = |at: UnixSeconds| now.since(at) < WRITTEN_EVERY.as_secs();
        !self.written_at.is_some_and(recent)
    }
}
