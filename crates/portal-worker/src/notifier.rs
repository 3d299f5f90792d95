//! The tellers: one for each channel.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use portal_domain::alert::COOL_DOWN;
use portal_domain::notify::{NotifyAttempt, notify_due};
use portal_domain::{Action, Alert, Notification, Notify, NotifyError, Store, UnixSeconds};
use portal_domain::{Chance as _, Clock};
use portal_http::log_notified;

use crate::chance::EdgeChance;

/// Tells one channel.
pub(crate) struct Notifier {
    channel: Arc<dyn Notify>,
    clock: Arc<dyn Clock>,
    /// When the channel was notified, without a store, of the alert of each key.
    notified_directly: Mutex<BTreeMap<String, UnixSeconds>>,
}

impl Notifier {
    /// Tells `channel`.
    pub(crate) fn new(channel: Arc<dyn Notify>, clock: Arc<dyn Clock>) -> Self {
        Self { channel, clock, notified_directly: Mutex::default() }
    }

    /// Tells what is due.
    pub(crate) async fn notify_due(&self, store: &dyn Store) {
        match notify_due(store, self, &*self.clock, EdgeChance.number()).await {
            Ok(attempts) => attempts.iter().for_each(|it| log_notified(self.channel(), it)),
            Err(error) => tracing::warn!(outcome = "notify_failed", reason = error.name()),
        }
    }

    /// Tells what no store has taken, once per cool-down as far as this isolate knows.
    pub(crate) async fn notify_directly(&self, alert: &Alert) {
        let (key, since) = (alert.key(), self.clock.now());
        if !self.channel.takes(alert) || self.knows(&key) {
            return;
        }
        let (action, alert) = (Action::Trigger, alert.clone());
        let notification = Notification { key: key.clone(), action, alert, count: 1, since };
        let notified = self.channel.notify(&notification).await;
        if notified.is_ok() {
            let mut all = self.notified_directly.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(key, since);
        }
        log_notified(self.channel(), &NotifyAttempt { notification, notified });
    }

    /// Whether the channel was notified directly, and the cool-down is not over.
    fn knows(&self, key: &str) -> bool {
        let all = self.notified_directly.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        all.get(key).is_some_and(|at| now.since(*at) < COOL_DOWN.as_secs())
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
        if notification.action == Action::Trigger && self.knows(&notification.key) {
            return Ok(());
        }
        self.channel.notify(notification).await
    }
}
