//! The tellers: one thread for each channel, so that none waits for another, nor the intake for any.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::alert::{COOL_DOWN, STORE_UNAVAILABLE};
use portal_domain::tell::{Telling, tell_due};
use portal_domain::{Action, Alert, NotTold, Notice, Notify, Store};
use portal_http::{Clock, log_told};

use crate::chance;
use crate::serve::watching::Unstored;

/// How often it is looked for something to tell.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Tells one channel.
pub(crate) struct Teller {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) channel: Arc<dyn Notify>,
    pub(crate) unstored: Arc<Unstored>,
    /// When the channel was told, without the store, that the store fails.
    pub(crate) told_directly_at: Mutex<Option<Duration>>,
}

impl Teller {
    /// Looks once.
    pub(crate) async fn look(&self) {
        let unstored = self.unstored.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(alert) = unstored {
            self.tell_directly(alert).await;
        }
        let now = || self.clock.now();
        match tell_due(&*self.store, self, &now, chance::number()).await {
            Ok(tellings) => tellings.iter().for_each(|it| log_told(self.channel(), it)),
            // The watch tells about the store.
            Err(error) => tracing::debug!(outcome = "not_told", reason = error.name()),
        }
    }

    async fn tell_directly(&self, alert: Alert) {
        if self.told_directly() {
            return;
        }
        let (key, since) = (alert.key(), self.clock.now());
        let notice = Notice { key, action: Action::Trigger, alert, count: 1, since };
        let told = self.channel.notify(&notice).await;
        if told.is_ok() {
            *self.told_directly_at.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(self.clock.monotonic());
        }
        log_told(self.channel(), &Telling { notice, told });
    }

    /// Whether the channel knows that the store fails, and the cool-down is not over.
    fn told_directly(&self) -> bool {
        let told_at = *self.told_directly_at.lock().unwrap_or_else(PoisonError::into_inner);
        told_at
            .is_some_and(|at| self.clock.monotonic().saturating_sub(at) < COOL_DOWN.unsigned_abs())
    }
}

/// The channel, but what it was told directly is not told again by way of the store.
#[async_trait]
impl Notify for Teller {
    fn channel(&self) -> &str {
        self.channel.channel()
    }

    fn takes(&self, alert: &Alert) -> bool {
        self.channel.takes(alert)
    }

    async fn notify(&self, notice: &Notice) -> Result<(), NotTold> {
        let known = notice.key == STORE_UNAVAILABLE
            && notice.action == Action::Trigger
            && self.told_directly();
        if known { Ok(()) } else { self.channel.notify(notice).await }
    }
}
