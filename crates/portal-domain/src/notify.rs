//! Notifying: each alert reaches each channel, once per cool-down, and so does its end.

use std::fmt;

use async_trait::async_trait;
use jiff::SignedDuration;
use strum::{IntoStaticStr, VariantNames};

use crate::alert::Alert;
use crate::backoff::retry_at;
use crate::ports::{Alerts, LeasedNotification, Notification, StoreError};
use crate::time::{Clock, UnixSeconds};

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

/// The reason why a channel did not take a notification; without its address, which is a secret.
#[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case", prefix = "channel_")]
pub enum NotifyError {
    /// It limits the rate, and may have said how long to wait.
    #[strum(serialize = "busy")]
    TooMany {
        /// Seconds to wait.
        retry_after: Option<u32>,
    },
    /// It answered with another status than success; a redirect is not followed.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// It did not answer in time.
    TimedOut,
    /// There was no connection.
    Unreachable,
}

/// One notification that [`notify_due`] has worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyAttempt {
    pub notification: Notification,
    /// The result of the request.
    pub notified: Result<(), NotifyError>,
}

/// The longest wait that a channel may ask for, in seconds.
const RETRY_AFTER_SECONDS_MAX: u32 = 3600;

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
        let notified = if channel.takes(&notification.alert) {
            channel.notify(notification).await
        } else {
            Ok(())
        };
        let again = |why: &NotifyError| why.retry_at(*attempts, clock.now(), jitter);
        let outcome = claimed.outcome(notified.as_ref().copied().map_err(again));
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

impl NotifyError {
    /// The names of all.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }

    fn retry_at(&self, attempts: u32, now: UnixSeconds, jitter: u64) -> UnixSeconds {
        match self {
            Self::TooMany { retry_after: Some(seconds) } => {
                let seconds = (*seconds).min(RETRY_AFTER_SECONDS_MAX);
                now.after(SignedDuration::from_secs(seconds.into()))
            }
            Self::TooMany { retry_after: None }
            | Self::Refused { .. }
            | Self::TimedOut
            | Self::Unreachable => retry_at(attempts, now, jitter),
        }
    }
}

impl fmt::Display for NotifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { retry_after: Some(seconds) } => {
                write!(f, "it limits the rate for {seconds} s (429)")
            }
            Self::TooMany { retry_after: None } => f.write_str("it limits the rate (429)"),
            Self::Refused { status } => write!(f, "it answered {status}"),
            Self::TimedOut => f.write_str("it did not answer in time"),
            Self::Unreachable => f.write_str("there was no connection"),
        }
    }
}

impl std::error::Error for NotifyError {}
