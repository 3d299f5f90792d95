//! What follows from requests, and what is done every minute.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::join_all;
use portal_domain::Clock;
use portal_domain::digest::Schedule;
use portal_domain::ids::EnumWord;
use portal_domain::{Alert, AlertChange, Store, StoreError};

use crate::counts::{IsolateCounts, PendingWork};
use crate::deadline::with_timeout;
use crate::monitor;
use crate::notifier::Notifier;
use crate::stripe_poller::StripePoller;

/// How the Worker looks after itself.
pub(crate) struct Maintenance {
    /// Nothing where events are not kept: then alerts are told directly.
    store: Option<Arc<dyn Store>>,
    clock: Arc<dyn Clock>,
    counts: Arc<IsolateCounts>,
    notifiers: Vec<Notifier>,
    digest: Option<Schedule>,
    /// Nothing where Stripe is never asked.
    job: Option<StripePoller>,
    /// What the store did not take, because it is about the store itself.
    unstored: Mutex<Option<Alert>>,
}

impl Maintenance {
    /// Looks after `store`.
    pub(crate) fn new(
        store: Option<Arc<dyn Store>>,
        clock: Arc<dyn Clock>,
        counts: Arc<IsolateCounts>,
        notifiers: Vec<Notifier>,
        digest: Option<Schedule>,
        job: Option<StripePoller>,
    ) -> Self {
        let unstored = Mutex::default();
        Self { store, clock, counts, notifiers, digest, job, unstored }
    }

    /// What is to be done about what was seen, if anything.
    pub(crate) fn pending_work(&self) -> Option<PendingWork> {
        Some(self.counts.take()).filter(|it| *it != PendingWork::default())
    }

    /// Does it.
    pub(crate) async fn after_response(&self, work: PendingWork) {
        let PendingWork { notify, fetch, alerts } = work;
        let Some(store) = &self.store else {
            return self.notify_directly(&alerts).await;
        };
        if notify || !alerts.is_empty() {
            let changes = alerts.into_iter().map(AlertChange::Raise).collect();
            self.raise_and_tell(&**store, Ok(changes)).await;
        }
        if fetch {
            // Last: Stripe may take its time.
            self.fetch(&**store).await;
        }
    }

    /// Looks for what is wrong, tells, and does the job at Stripe.
    pub(crate) async fn each_minute(&self) {
        let Some(store) = &self.store else { return };
        let (digest, now) = (self.digest.as_ref(), self.clock.now());
        let changes = monitor::changes(&**store, digest, now);
        self.raise_and_tell(&**store, with_timeout(changes).await).await;
        if let Some(job) = &self.job {
            job.tend(&**store).await;
        }
        self.fetch(&**store).await;
    }

    /// Fetches what thin events name.
    async fn fetch(&self, store: &dyn Store) {
        if let Some(job) = &self.job {
            job.fetch(store).await;
        }
    }

    async fn raise_and_tell(&self, store: &dyn Store, found: Result<Vec<AlertChange>, StoreError>) {
        let raised = match found {
            Ok(changes) => self.raise(store, changes).await,
            Err(error) => Err(error),
        };
        match raised {
            Ok(()) => drop(join_all(self.notifiers.iter().map(|it| it.notify_due(store))).await),
            Err(error) => self.tell_of(&error).await,
        }
    }

    async fn raise(
        &self,
        store: &dyn Store,
        mut changes: Vec<AlertChange>,
    ) -> Result<(), StoreError> {
        changes.extend(self.unstored().take().map(AlertChange::Raise));
        if changes.is_empty() {
            return Ok(());
        }
        with_timeout(store.raise(&changes, self.clock.now())).await
    }

    /// The channels are told that the store fails; the store is when it does not, so that the
    /// trouble has an end where it was told.
    async fn tell_of(&self, error: &StoreError) {
        tracing::error!(outcome = "monitor_failed", reason = error.name(), %error);
        let refused = self.counts.unavailable_so_far();
        let alert =
            EnumWord::new(error.name()).map(|reason| Alert::StoreUnavailable { reason, refused });
        self.unstored().clone_from(&alert);
        self.notify_directly(alert.as_slice()).await;
    }

    async fn notify_directly(&self, alerts: &[Alert]) {
        for alert in alerts {
            join_all(self.notifiers.iter().map(|it| it.notify_directly(alert))).await;
        }
    }

    fn unstored(&self) -> MutexGuard<'_, Option<Alert>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
