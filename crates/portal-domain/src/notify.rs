//! Notifying: each alert reaches each channel, once per cool-down, and so does its end.

mod error;

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::alert::Alert;
use crate::ports::{Alerts, ChannelResult, LeasedNotification, Notification, StoreError};
use crate::time::Clock;

pub use error::{NotifyError, SlackError};

/// The lease of a notification: longer than any request takes.
pub const NOTIFICATION_LEASE: SignedDuration = SignedDuration::from_secs(20);

/// The time for which notifying is tried. Older changes are only in the list of alerts.
pub const NEWS_FOR: SignedDuration = SignedDuration::from_hours(72);

/// The least time between two notifications of one trouble whose cause changes: two causes that take
/// turns do not make a message each minute.
pub const CAUSE_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// The time within which a trouble that begins again is said to be back.
pub const SERIES: SignedDuration = SignedDuration::from_hours(24);

/// The time by which the end of a trouble is delayed for each time that it was there before in the
/// same series: one that comes and goes is notified less and less often, and its begin never late.
pub const END_DELAY: SignedDuration = SignedDuration::from_mins(10);

/// The number of delays after which an end is delayed no longer: an hour.
pub const END_DELAYS_MAX: u32 = 6;

/// A way to reach the operators.
#[async_trait]
pub trait Notify: Send + Sync {
    /// The channel's name in the store and in logs: `slack-1`, `pagerduty-2`, ….
    fn channel(&self) -> &str;

    /// True if the channel takes such an alert; a digest wakes nobody up.
    fn takes(&self, alert: &Alert) -> bool;

    /// Sends one notification; returns when the channel has taken it.
    async fn notify(&self, notification: &Notification) -> Result<(), NotifyError>;
}

/// One notification that [`notify_due`] has worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyAttempt {
    pub notification: Notification,
    /// The result of the request.
    pub notified: Result<(), NotifyError>,
}

/// Sends the due notifications to `channel`, one after another. `jitter` is any random number; the
/// time is read from `clock` after each request, which may take long.
///
/// # Errors
/// If the store failed. A leased notification is due again when its lease ends.
pub async fn notify_due(
    store: &dyn Alerts,
    channel: &dyn Notify,
    clock: &dyn Clock,
    jitter: u64,
) -> Result<Vec<NotifyAttempt>, StoreError> {
    let mut made = Vec::new();
    while let Some(claimed) =
        store.lease_notification(channel.channel(), NOTIFICATION_LEASE, clock.now()).await?
    {
        let LeasedNotification { notification, attempts, .. } = &claimed;
        let is_sent = channel.takes(&notification.alert);
        let notified = if is_sent { channel.notify(notification).await } else { Ok(()) };
        let again = |why: NotifyError| why.retry_at(*attempts, clock.now(), jitter);
        let mut outcome = claimed.outcome(notified.map_err(again));
        outcome.channel = is_sent.then(|| ChannelResult::of(notified, *attempts));
        store.finish_notification(channel.channel(), &outcome, clock.now()).await?;
        let failed = notified.is_err();
        made.push(NotifyAttempt { notification: claimed.notification, notified });
        if failed {
            // The next notification would fail as well.
            break;
        }
    }
    Ok(made)
}
