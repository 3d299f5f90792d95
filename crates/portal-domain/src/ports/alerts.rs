//! The port to alerts and their notifications.

use async_trait::async_trait;
use jiff::SignedDuration;
use strum::{IntoStaticStr, VariantNames};

use serde::{Deserialize, Serialize};

use super::{Lease, StoreError, Written};
use crate::alert::{Action, Alert, AlertChange, STORE_UNAVAILABLE, channel_failing_key};
use crate::ids::{Actor, AlertKey, EnumWord};
use crate::notify::NotifyError;
use crate::time::UnixSeconds;
use crate::trail::Acknowledgement;

/// The alerts, and the notifications of them that are due.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Raises and ends alerts.
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError>;

    /// Returns up to `limit` alerts that `filter` selects, the last raised or ended first.
    async fn alerts(&self, filter: AlertFilter, limit: u32) -> Result<Vec<AlertRow>, StoreError>;

    /// Returns the alert of that key.
    async fn alert(&self, key: &AlertKey) -> Result<Option<AlertRow>, StoreError>;

    /// Acknowledges the open alert of that key; [`Written::Stale`] if none is open. While it is
    /// acknowledged, only another cause of it and its end are notified. It is no longer once it begins
    /// anew, and [`Alert::EventDead`] once another event is dead.
    async fn acknowledge(
        &self,
        key: &AlertKey,
        seen: &Acknowledgement,
    ) -> Result<Written, StoreError>;

    /// Silences an alert, or changes until when; [`Written::Stale`] if there is none of that key. Until
    /// then no channel is notified of it, but of its end where it was notified of the alert.
    async fn silence(&self, silence: &NewSilence, who: &Actor) -> Result<Written, StoreError>;

    /// Ends the silence of an alert; [`Written::Stale`] if it has none.
    async fn unsilence(&self, key: &AlertKey) -> Result<Written, StoreError>;

    /// Leases the oldest notification that is due to `channel` at `now`.
    ///
    /// An alert is due if it is new to the channel, also right after its announced end; if it was
    /// raised again and the cool-down has passed; or if it has another cause and
    /// [`crate::notify::CAUSE_EVERY`] has passed. Its end is due if the channel was notified of the
    /// alert, or if the alert ended before that; where it has begun more than once within
    /// [`crate::notify::SERIES`], only after [`crate::notify::END_DELAY`] for each time more. Changes
    /// older than [`crate::notify::NEWS_FOR`] are not due. That a channel fails is never due to that
    /// channel. What is acknowledged or silenced is due as said there.
    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError>;

    /// Saves the outcome of a leased notification; the notification stays as it is if the lease is not the
    /// last one. In the same step the result of the channel is saved, and the alert
    /// [`Alert::ChannelFailing`] about it is raised or ended.
    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError>;

    /// Returns the channels that were ever sent a notification, by name.
    async fn channels(&self) -> Result<Vec<ChannelRow>, StoreError>;
}

/// The last results of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    pub name: String,
    /// The time at which it last took a notification.
    pub taken_at: Option<UnixSeconds>,
    /// The time at which it last did not.
    pub failed_at: Option<UnixSeconds>,
    /// The reason of that; `None` if it has taken one since.
    pub failure: Option<NotifyError>,
    /// True while [`Alert::ChannelFailing`] is open about it.
    pub is_failing: bool,
}

/// The result of sending a notification to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelResult {
    Taken,
    Failed {
        why: NotifyError,
        /// It is told on the other channels.
        is_lasting: bool,
    },
}

impl ChannelResult {
    /// The result of the `attempts`th attempt to send a notification.
    #[must_use]
    pub fn of(notified: Result<(), NotifyError>, attempts: u32) -> Self {
        match notified {
            Ok(()) => Self::Taken,
            Err(why) => Self::Failed { why, is_lasting: why.is_lasting(attempts) },
        }
    }

    /// Returns the change of the alert about `channel`, if any.
    #[must_use]
    pub fn change(&self, channel: &str) -> Option<AlertChange> {
        match self {
            Self::Taken => Some(AlertChange::Resolve(channel_failing_key(channel))),
            Self::Failed { is_lasting: false, .. } => None,
            Self::Failed { why, is_lasting: true } => {
                let channel = EnumWord::new(channel)?;
                Some(AlertChange::Raise(Alert::ChannelFailing { channel, why: *why }))
            }
        }
    }
}

/// A notification that a channel has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FailedNotification {
    pub channel: String,
    /// The reason of its last failure.
    pub why: NotifyError,
    /// The time of the next attempt.
    pub again_at: UnixSeconds,
}

/// A filter over alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertFilter {
    All,
    /// Only those in [`AlertState::Open`].
    Open,
}

/// The state of an alert, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum AlertState {
    /// The problem goes on.
    Open,
    /// The problem has ended.
    Ended,
    /// It tells of something that happened, and has no end.
    Once,
}

/// An alert and its notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    pub key: String,
    pub alert: Alert,
    /// True until the alert ends; for ever if it has no end, because its notification is that of its
    /// beginning.
    pub open: bool,
    /// The number of times that it was raised since it began.
    pub count: u64,
    pub since: UnixSeconds,
    /// The time at which it was last raised, or ended.
    pub changed_at: UnixSeconds,
    /// The number of times that it has begun within [`crate::notify::SERIES`].
    pub times: u64,
    /// The channels that were notified of its present state.
    pub notified: Vec<String>,
    /// The channels that did not take the last notification of it.
    pub failed: Vec<FailedNotification>,
    pub acknowledged: Option<Acknowledgement>,
    /// Its silence, which may be over.
    pub silenced: Option<AlertSilence>,
}

/// The time until which an alert is silenced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertSilence {
    pub until: UnixSeconds,
    pub by: Actor,
}

/// The longest silence of an alert.
pub const SILENCE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A silence that may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSilence {
    key: AlertKey,
    until: UnixSeconds,
}

/// The reason why an alert cannot be silenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SilenceRefusal {
    /// While the store takes no writes, donations may get lost.
    NeverSilent,
    /// Longer than [`SILENCE_MAX`].
    TooLong,
    /// It would be over already.
    Past,
}

impl NewSilence {
    /// Returns the silence of that alert until then.
    ///
    /// # Errors
    /// If that must not be.
    pub fn new(
        key: AlertKey,
        until: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<Self, SilenceRefusal> {
        if key.as_str() == STORE_UNAVAILABLE {
            Err(SilenceRefusal::NeverSilent)
        } else if until > now.after(SILENCE_MAX) {
            Err(SilenceRefusal::TooLong)
        } else if until <= now {
            Err(SilenceRefusal::Past)
        } else {
            Ok(Self { key, until })
        }
    }

    #[must_use]
    pub fn key(&self) -> &AlertKey {
        &self.key
    }

    #[must_use]
    pub fn until(&self) -> UnixSeconds {
        self.until
    }
}

impl AlertRow {
    #[must_use]
    pub fn state(&self) -> AlertState {
        match (self.open, self.alert.has_end()) {
            (_, false) => AlertState::Once,
            (true, true) => AlertState::Open,
            (false, true) => AlertState::Ended,
        }
    }
}

/// A change of an alert that a channel is to be notified of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub key: String,
    pub action: Action,
    pub alert: Alert,
    /// The number of times that it was raised since it began.
    pub count: u64,
    pub since: UnixSeconds,
    /// The time at which it was last raised, or ended.
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
            channel: None,
        }
    }
}

/// The result of sending a leased notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationOutcome {
    pub key: String,
    /// The lease under which it was sent.
    pub lease: Lease,
    /// The cause that the channel was notified of.
    pub cause: String,
    /// The action that the channel was notified of, or the time of the next attempt.
    pub notified: Result<Action, UnixSeconds>,
    /// The result of the channel, if it was sent anything.
    pub channel: Option<ChannelResult>,
}

named!(AlertState, SilenceRefusal);

#[cfg(test)]
mod tests {
    use super::{NewSilence, SILENCE_MAX, SilenceRefusal};
    use crate::alert::STORE_UNAVAILABLE;
    use crate::ids::AlertKey;
    use crate::time::UnixSeconds;

    #[test]
    fn an_outage_of_the_store_is_never_silenced_and_nothing_for_longer_than_a_week() {
        let now = UnixSeconds::new(1_000_000).unwrap();
        let until = |key: &str, seconds: i64| {
            let until = UnixSeconds::new(now.get() + seconds).unwrap();
            NewSilence::new(AlertKey::new(key).unwrap(), until, now).map(drop)
        };
        let week = SILENCE_MAX.as_secs();
        assert_eq!(until("silence", week), Ok(()));
        assert_eq!(until("silence", week + 1), Err(SilenceRefusal::TooLong));
        assert_eq!(until("silence", 0), Err(SilenceRefusal::Past));
        assert_eq!(until(STORE_UNAVAILABLE, 1), Err(SilenceRefusal::NeverSilent));
    }
}
