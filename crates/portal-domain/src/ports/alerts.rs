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

    /// Leases one notification that `channel` has not been notified and that is due at `now`, the oldest
    /// first. A trouble is due when it is new to the channel, or was noticed since it was notified and
    /// the cool-down has passed. Its end is due when the channel knows of the trouble, or when it
    /// came and went untold. Nothing is due that is older than [`crate::notify::NEWS_FOR`].
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
    /// The channels that were notified of it as it is now.
    pub notified: Vec<String>,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub key: String,
    pub action: Action,
    pub alert: Alert,
    /// The number of times that the trouble was noticed since it began.
    pub count: u64,
    pub since: UnixSeconds,
}

/// A notification that one notifier has leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasedNotification {
    pub notification: Notification,
    pub lease: Lease,
    /// The number of attempts to send it, this one included.
    pub attempts: u32,
}

/// The result of sending a leased notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationOutcome {
    pub key: String,
    /// The claim that this rests on.
    pub lease: Lease,
    /// Told, or when to try again.
    pub notified: Result<Action, UnixSeconds>,
}
