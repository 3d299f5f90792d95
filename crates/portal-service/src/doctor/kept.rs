//! The findings of the last run, kept as the state of a job for those who look later.

use jiff::SignedDuration;
use portal_domain::{Clock, Store, StoreError, UnixSeconds, stored_json};
use serde::{Deserialize, Serialize};

use super::finding::CheckFinding;

/// The name of the job. Its state is a [`DoctorRun`] as JSON.
const JOB: &str = "doctor";

/// The longest time that a run may take: Stripe may let each read wait.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// The least time between two runs: each reads at Stripe, and delivers a test.
const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A run of `doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorRun {
    pub made_at: UnixSeconds,
    pub findings: Vec<CheckFinding>,
}

impl DoctorRun {
    /// Reads the run that was kept last; `None` if there is none.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn read(store: &dyn Store) -> Result<Option<Self>, StoreError> {
        let state = store.job_state(JOB).await?;
        Ok(state.and_then(|it| serde_json::from_str(&it).ok()))
    }

    /// Waits for the findings of `examine`, and keeps them. Returns `None` without that if another run
    /// goes on, or has ended within the last minute.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn make(
        store: &dyn Store,
        clock: &dyn Clock,
        examine: impl Future<Output = Vec<CheckFinding>> + Send,
    ) -> Result<Option<Self>, StoreError> {
        let Some(leased) = store.lease_job(JOB, LEASE, clock.now()).await? else {
            return Ok(None);
        };
        let findings = examine.await;
        let run = Self { made_at: clock.now(), findings };
        let state = stored_json(&run)?;
        store.save_job(JOB, leased.lease, &state, run.made_at.after(EVERY)).await?;
        Ok(Some(run))
    }
}
