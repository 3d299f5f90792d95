//! The job that prepares figures for charts.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use portal_domain::figures::{FIGURES_JOB, Figures};
use portal_domain::log_names::LogOutcome;
use portal_domain::{Clock, Store, StoreError, UnixSeconds, stored_json};

/// The lease of the job: longer than adding up a year takes.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// Prepares figures, every so often. Of all processes and isolates one at a time does.
pub struct FiguresJob {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    every: SignedDuration,
    /// The time before which there is nothing to do, as far as this process knows.
    next: Mutex<UnixSeconds>,
}

impl FiguresJob {
    /// Prepares the figures of `store` by the days of `zone`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        zone: TimeZone,
        every: SignedDuration,
    ) -> Self {
        Self { store, clock, zone, every, next: Mutex::default() }
    }

    /// Prepares the figures, if that is due and something has changed since the last time, and once a
    /// day. Where nothing comes it writes nothing else.
    pub async fn tick(&self) {
        let now = self.clock.now();
        if now < *self.next.lock().unwrap_or_else(PoisonError::into_inner) {
            return;
        }
        match self.prepare(now).await {
            Ok(next) => *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next,
            // The monitor says what is wrong with the store.
            Err(error) => tracing::debug!(
                outcome = LogOutcome::JobFailed.name(),
                reason = error.name(),
                "the store failed while figures were prepared"
            ),
        }
    }

    /// Returns the time of the next attempt.
    async fn prepare(&self, now: UnixSeconds) -> Result<UnixSeconds, StoreError> {
        let store = &*self.store;
        let before = Figures::read(store).await?;
        if let Some(before) = &before {
            let due = before.made_at.after(self.every);
            if now < due {
                return Ok(due);
            }
            if before.are_current(store, now).await? {
                return Ok(now.after(self.every));
            }
        }
        let Some(leased) = store.lease_job(FIGURES_JOB, LEASE, now).await? else {
            return Ok(now.after(LEASE));
        };
        let figures = Figures::prepare(store, before, &self.zone, now).await?;
        let state = stored_json(&figures)?;
        // Due at once, because the time of the next attempt is that of the figures themselves.
        store.save_job(FIGURES_JOB, leased.lease, &state, now).await?;
        Ok(now.after(self.every))
    }
}
