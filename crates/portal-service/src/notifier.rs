//! The notifiers: one for each channel, so that none waits for another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use portal_domain::alert::COOL_DOWN;
use portal_domain::log_names::LogOutcome;
use portal_domain::notify::{NotifyAttempt, notify_due};
use portal_domain::{Action, Alert, Chance, Clock, Notification, Notify, NotifyError, Store};

use crate::log::log_notified;
use crate::monitor::Monitor;

/// Notifies one channel.
pub struct Notifier {
    channel: Arc<dyn Notify>,
    store: Arc<dyn Store>,
    monitor: Arc<Monitor>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    /// The times at which the channel was notified without the store, by the key of the alert.
    notified_directly: Mutex<BTreeMap<String, Duration>>,
}

impl Notifier {
    /// Notifies `channel` of what `store` has, and of what `monitor` could not store.
    #[must_use]
    pub fn new(
        channel: Arc<dyn Notify>,
        store: Arc<dyn Store>,
        monitor: Arc<Monitor>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Self {
        Self { channel, store, monitor, clock, chance, notified_directly: Mutex::default() }
    }

    /// Notifies the channel of what is due.
    pub async fn tick(&self) {
        if let Some(alert) = self.monitor.unstored() {
            return self.notify_directly(alert).await;
        }
        match notify_due(&*self.store, self, &*self.clock, self.chance.number()).await {
            Ok(attempts) => attempts.iter().for_each(|it| log_notified(self.channel(), it)),
            // The monitor says what is wrong with the store.
            Err(error) => tracing::debug!(
                outcome = LogOutcome::NotifyFailed.name(),
                reason = error.name(),
                "the store does not say what is to be notified"
            ),
        }
    }

    /// Notifies without the store, once in a cool-down as far as this process knows.
    async fn notify_directly(&self, alert: Alert) {
        let (key, since) = (alert.key(), self.clock.now());
        if !self.channel.takes(&alert) || self.knows(&key) {
            return;
        }
        let action = Action::Trigger;
        let notification = Notification { key: key.clone(), action, alert, count: 1, since };
        let notified = self.channel.notify(&notification).await;
        if notified.is_ok() {
            let mut all = self.notified_directly.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(key, self.clock.monotonic());
        }
        log_notified(self.channel(), &NotifyAttempt { notification, notified });
    }

    /// True if the channel was notified directly and the cool-down is not over.
    fn knows(&self, key: &str) -> bool {
        let all = self.notified_directly.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = |at: &Duration| self.clock.monotonic().saturating_sub(*at);
        all.get(key).is_some_and(|at| passed(at) < COOL_DOWN.unsigned_abs())
    }
}

/// The channel, but what it was notified of directly it is not notified of again by way of the store.
#[async_trait]
impl Notify for Notifier {
    fn channel(&self) -> &str {
        self.channel.channel()
    }

    fn takes(&self, alert: &Alert) -> bool {
        self.channel.takes(alert)
    }

    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError> {
        if notification.action == Action::Trigger && self.knows(&notification.key) {
            return Ok(());
        }
        self.channel.notify(notification).await
    }
}
