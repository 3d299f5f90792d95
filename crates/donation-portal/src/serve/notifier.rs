//! The tellers: one thread for each channel, so that none waits for another, nor the intake for any.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::alert::{COOL_DOWN, STORE_UNAVAILABLE};
use portal_domain::notify::{NotifyAttempt, notify_due};
use portal_domain::{Action, Alert, Notification, Notify, NotifyError, Store};
use portal_domain::{Chance as _, Clock};
use portal_http::log_notified;

use crate::chance::SystemChance;
use crate::serve::monitor::Unstored;

/// How often it is looked for something to tell.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Tells one channel.
pub(crate) struct Notifier {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) channel: Arc<dyn Notify>,
    pub(crate) unstored: Arc<Unstored>,
    /// When the channel was notified, without the store, that the store fails.
    pub(crate) notified_directly_at: Mutex<Option<Duration>>,
}

impl Notifier {
    /// Looks once.
    pub(crate) async fn run_once(&self) {
        let unstored = self.unstored.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(alert) = unstored {
            self.notify_directly(alert).await;
        }
        match notify_due(&*self.store, self, &*self.clock, SystemChance.number()).await {
            Ok(attempts) => attempts.iter().for_each(|it| log_notified(self.channel(), it)),
            // The watch tells about the store.
            Err(error) => tracing::debug!(outcome = "notify_failed", reason = error.name()),
        }
    }

    async fn notify_directly(&self, alert: Alert) {
        if self.notified_directly() {
            return;
        }
        let (key, since) = (alert.key(), self.clock.now());
        let notification = Notification { key, action: Action::Trigger, alert, count: 1, since };
        let notified = self.channel.notify(&notification).await;
        if notified.is_ok() {
            *self.notified_directly_at.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(self.clock.monotonic());
        }
        log_notified(self.channel(), &NotifyAttempt { notification, notified });
    }

    /// Whether the channel knows that the store fails, and the cool-down is not over.
    fn notified_directly(&self) -> bool {
        let notified_at = *self.notified_directly_at.lock().unwrap_or_else(PoisonError::into_inner);
        notified_at
            .is_some_and(|at| self.clock.monotonic().saturating_sub(at) < COOL_DOWN.unsigned_abs())
    }
}

/// The channel, but what it was notified directly is not notified again by way of the store.
#[async_trait]
impl Notify for Notifier {
    fn channel(&self) -> &str {
        self.channel.channel()
    }

    fn takes(&self, alert: &Alert) -> bool {
        self.channel.takes(alert)
    }

    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError> {
        let known = notification.key == STORE_UNAVAILABLE
            && notification.action == Action::Trigger
            && self.notified_directly();
        if known { Ok(()) } else { self.channel.notify(notification).await }
    }
}
