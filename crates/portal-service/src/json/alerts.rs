//! Alerts.

use portal_domain::{
    Acknowledgement, AlertRow, AlertSilence, FailedNotification, NotifyError, SlackError,
    UnixSeconds,
};
use serde::Serialize;

/// The contract of `alerts list --format json`. Times are Unix seconds.
#[derive(Serialize)]
pub struct AlertLine<'a> {
    key: &'a str,
    kind: &'static str,
    severity: &'static str,
    state: &'static str,
    count: u64,
    since: UnixSeconds,
    changed_at: UnixSeconds,
    /// The channels that have been notified of the present state.
    notified: &'a [String],
    /// The channels that did not take the last notification.
    failed: Vec<FailedLine<'a>>,
    acknowledged: Option<&'a Acknowledgement>,
    /// The last silence of it, which may be over.
    silenced: Option<&'a AlertSilence>,
}

#[derive(Serialize)]
struct FailedLine<'a> {
    channel: &'a str,
    reason: &'static str,
    /// The HTTP status, if it answered one.
    status: Option<u16>,
    /// Slack's word for it.
    word: Option<&'static str>,
    again_at: UnixSeconds,
}

impl<'a> FailedLine<'a> {
    fn of(failed: &'a FailedNotification) -> Self {
        let FailedNotification { channel, why, again_at } = failed;
        let (status, word) = match why {
            NotifyError::Refused { status, word } => (Some(*status), word.map(SlackError::name)),
            NotifyError::TooMany { .. } => (Some(429), None),
            NotifyError::TimedOut | NotifyError::Unreachable => (None, None),
        };
        Self { channel, reason: why.name(), status, word, again_at: *again_at }
    }
}

impl<'a> AlertLine<'a> {
    #[must_use]
    pub fn of(alert: &'a AlertRow) -> Self {
        Self {
            key: &alert.key,
            kind: alert.alert.kind(),
            severity: alert.alert.severity().name(),
            state: alert.state().name(),
            count: alert.count,
            since: alert.since,
            changed_at: alert.changed_at,
            notified: &alert.notified,
            failed: alert.failed.iter().map(FailedLine::of).collect(),
            acknowledged: alert.acknowledged.as_ref(),
            silenced: alert.silenced.as_ref(),
        }
    }
}
