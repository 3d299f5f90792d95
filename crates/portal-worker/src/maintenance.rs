//! The work after a response, and the work of every minute.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use portal_domain::StoreError;
use portal_service::{FiguresJob, Monitor, Notifier, SignaturesJob, StripePoller, Troubles};

use crate::deadline::within;
use crate::pending_work::PendingWork;

/// The time that the monitor may take: D1 answers sooner, or not at all.
const MONITOR_DEADLINE: Duration = Duration::from_secs(5);

/// The number of steps at Stripe each minute. A page of a hundred events that were missing takes
/// ten calls of the database and of Stripe, and two more where Stripe asks to slow down.
const STEPS_EACH_MINUTE: u32 = 2;

/// The number of thin events whose objects are fetched at a time: each takes four calls. With them, the steps
/// above, the digest and another notification for one channel, a minute stays within the fifty calls that
/// an invocation has on the free plan
/// (<https://developers.cloudflare.com/workers/platform/limits/#subrequests>).
pub(crate) const FETCHED_AT_ONCE: u32 = 3;

/// The background work of the Worker.
pub(crate) struct Maintenance {
    pub(crate) troubles: Arc<Troubles>,
    pub(crate) work: Arc<PendingWork>,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) notifiers: Vec<Notifier>,
    /// Nothing where Stripe is never asked.
    pub(crate) poller: Option<StripePoller>,
    /// Nothing where there is no console.
    pub(crate) figures: Option<FiguresJob>,
    /// Nothing where there is no console, as above.
    pub(crate) signatures: Option<SignaturesJob>,
}

/// The work to do when a response has been sent.
pub(crate) struct AfterResponse {
    notify: bool,
    fetch: bool,
    signatures: bool,
}

impl Maintenance {
    /// Returns the work that requests have left to do, if there is any.
    pub(crate) fn pending_work(&self) -> Option<AfterResponse> {
        let notify = self.work.take_notify() | self.troubles.any();
        let fetch = self.work.take_fetch();
        let signatures = self.signatures.as_ref().is_some_and(SignaturesJob::has_accepted);
        (notify || fetch || signatures).then_some(AfterResponse { notify, fetch, signatures })
    }

    /// Does it.
    pub(crate) async fn after_response(&self, work: AfterResponse) {
        if work.notify {
            self.monitor_within_deadline(self.monitor.raise_news()).await;
            self.notify().await;
        }
        if work.signatures {
            self.keep_signatures().await;
        }
        if work.fetch {
            // Last: Stripe may take its time.
            self.fetch().await;
        }
    }

    /// Looks for what is wrong, notifies, does the jobs at Stripe, and prepares the console's figures.
    pub(crate) async fn each_minute(&self) {
        self.monitor_within_deadline(self.monitor.tick()).await;
        self.notify().await;
        self.keep_signatures().await;
        if let Some(poller) = &self.poller {
            poller.poll(STEPS_EACH_MINUTE).await;
        }
        self.fetch().await;
        if let Some(figures) = &self.figures {
            figures.tick().await;
        }
    }

    async fn monitor_within_deadline(&self, step: impl Future<Output = ()> + Send) {
        if within(MONITOR_DEADLINE, step).await.is_none() {
            self.monitor.store_failed(&StoreError::TimedOut);
        }
    }

    async fn notify(&self) {
        join_all(self.notifiers.iter().map(Notifier::tick)).await;
    }

    async fn keep_signatures(&self) {
        if let Some(signatures) = &self.signatures {
            signatures.tick().await;
        }
    }

    /// Fetches what thin events name.
    async fn fetch(&self) {
        if let Some(poller) = &self.poller {
            poller.fetch(FETCHED_AT_ONCE).await;
        }
    }
}

#[cfg(test)]
mod tests;
