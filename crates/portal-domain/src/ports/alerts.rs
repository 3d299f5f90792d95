//! Alerts, and which channels were notified of them.

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{Lease, StoreError};
use crate::alert::{Action, Alert, AlertChange};
use crate::time::UnixSeconds;

/// The alerts, and the notifications of them that are due.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Writes what the watch over the service has found.
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError>;

    /// Up to `limit` alerts, the last raised first.
    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError>;

    /// Leases one notification that is due to `channel` at `now`, the oldest first.
    ///
    /// A trouble is due when it is new to the channel, also right after its announced end; when it
    /// was noticed since the channel was notified and the cool-down has passed; and when it has
    /// another cause and [`crate::notify::CAUSE_EVERY`] has passed. An end is due when the channel
    /// knows of the trouble, or when it came and went unannounced; where the trouble has begun more
    /// than once within [`crate::notify::SERIES`], only after [`crate::notify::END_DELAY`] for each
    /// time more. Nothing is due that is older than [`crate::notify::NEWS_FOR`].
    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError>;

    /// Writes what became of a claimed notification; nothing for a lease that is not the last one given.
    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError>;
}

/// An alert and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    pub key: String,
    pub alert: Alert,
    /// True while the trouble lasts.
    pub open: bool,
    /// The number of times that the trouble was noticed since it began.
    pub count: u64,
    pub since: UnixSeconds,
    /// The time at which the trouble was last noticed, or ended.
    pub changed_at: UnixSeconds,
    /// The number of times that it has begun within [`crate::notify::SERIES`].
    pub times: u64,
    /// The channels that were notified of it as it is now.
    pub notified: Vec<String>,
}

/// A message for a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub key: String,
    pub action: Action,
    pub alert: Alert,
    /// The number of times that the trouble was noticed since it began.
    pub count: u64,
    pub since: UnixSeconds,
    /// The time at which the trouble was last noticed, or ended.
    pub changed_at: UnixSeconds,
    /// The number of times that it has begun within [`crate::notify::SERIES`].
    pub times: u64,
}

impl Notification {
    /// A notification of an alert that was noticed once, at `now`.
    #[must_use]
    pub fn first(alert: Alert, now: UnixSeconds) -> Self {
        let (key, action) = (alert.key(), Action::Trigger);
        Self { key, action, alert, count: 1, since: now, changed_at: now, times: 1 }
    }
}

/// A notification that one notifier has leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasedNotification {
    pub notification: Notification,
    pub lease: Lease,
    /// The number of attempts to send it, this one included.
    pub attempts: u32,
}

impl LeasedNotification {
    /// Returns what is written when the channel has taken it, or the time to try again.
    #[must_use]
    pub fn outcome(&self, sent: Result<(), UnixSeconds>) -> NotificationOutcome {
        let Self { notification, lease, .. } = self;
        NotificationOutcome {
            key: notification.key.clone(),
            lease: *lease,
            cause: notification.alert.cause().to_owned(),
            notified: sent.map(|()| notification.action),
        }
    }
}

/// The result of sending a leased notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationOutcome {
    pub key: String,
    /// The lease that this rests on.
    pub lease: Lease,
    /// The cause that the channel was notified of.
    pub cause: String,
    /// The state that the channel was notified of, or the time to try again.
    pub notified: Result<Action, UnixSeconds>,
}
