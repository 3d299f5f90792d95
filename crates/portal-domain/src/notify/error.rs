//! The reasons why a channel did not take a notification.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray, VariantNames};

use crate::backoff::retry_at;
use crate::text::Text;
use crate::time::UnixSeconds;

/// The reason why a channel did not take a notification; without its address, which is a secret.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames, Serialize, Deserialize,
)]
#[strum(serialize_all = "snake_case", prefix = "channel_")]
#[serde(rename_all = "snake_case")]
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
        /// Slack's own word for it, if it is one that is known.
        word: Option<SlackError>,
    },
    /// It did not answer in time.
    TimedOut,
    /// There was no connection.
    Unreachable,
}

/// The error words of Slack's incoming webhooks
/// (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>).
/// Another text of an answer is dropped.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray, Serialize, Deserialize,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SlackError {
    ActionProhibited,
    ChannelIsArchived,
    ChannelNotFound,
    InvalidPayload,
    InvalidToken,
    NoActiveHooks,
    NoService,
    NoServiceId,
    NoTeam,
    NoText,
    PostingToGeneralChannelDenied,
    RollupError,
    TeamDisabled,
    TooManyAttachments,
    UserNotFound,
}

/// The longest wait that a channel may ask for, in seconds.
const RETRY_AFTER_SECONDS_MAX: u32 = 3600;

/// The number of failed attempts after which what may pass by itself has not: they take two and a half
/// minutes at most.
const PASSING_ATTEMPTS: u32 = 5;

impl NotifyError {
    /// The names of all.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// Returns the name in logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// True if the channel is failing after the `attempts`th attempt: people have to do something.
    #[must_use]
    pub fn is_lasting(&self, attempts: u32) -> bool {
        match self {
            Self::Refused { status: ..500, .. } => true,
            Self::Refused { .. } | Self::TooMany { .. } | Self::TimedOut | Self::Unreachable => {
                attempts >= PASSING_ATTEMPTS
            }
        }
    }

    pub(super) fn retry_at(&self, attempts: u32, now: UnixSeconds, jitter: u64) -> UnixSeconds {
        match self {
            Self::TooMany { retry_after: Some(seconds) } => {
                let seconds = (*seconds).min(RETRY_AFTER_SECONDS_MAX);
                now.after(jiff::SignedDuration::from_secs(seconds.into()))
            }
            Self::TooMany { retry_after: None }
            | Self::Refused { .. }
            | Self::TimedOut
            | Self::Unreachable => retry_at(attempts, now, jitter),
        }
    }
}

impl NotifyError {
    /// Returns the error in each language; `Display` has the English.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::TooMany { retry_after: Some(seconds) } => text!(
                "it limits the rate for {seconds} s (429)",
                "送信数が制限されています（429、{seconds} 秒間）"
            ),
            Self::TooMany { retry_after: None } => {
                text!("it limits the rate (429)", "送信数が制限されています（429）")
            }
            Self::Refused { status, word: None } => {
                text!("it answered {status}", "応答は {status} です")
            }
            Self::Refused { status, word: Some(word) } => {
                let word = word.name();
                text!("it answered {status} ({word})", "応答は {status}（{word}）です")
            }
            Self::TimedOut => text!("it did not answer in time", "時間内に応答がありません"),
            Self::Unreachable => text!("there was no connection", "接続できません"),
        }
    }
}

impl fmt::Display for NotifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for NotifyError {}

named!(SlackError);

impl SlackError {
    /// Returns the word that is the whole body of an answer.
    #[must_use]
    pub fn from_body(body: &[u8]) -> Option<Self> {
        let words = <Self as VariantArray>::VARIANTS.iter().copied();
        words.into_iter().find(|it| it.name().as_bytes() == body.trim_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::{NotifyError, SlackError};

    #[test]
    fn only_a_known_word_is_taken_from_an_answer() {
        assert_eq!(
            SlackError::from_body(b"channel_is_archived\n"),
            Some(SlackError::ChannelIsArchived)
        );
        for body in [&b""[..], b"ok", b"no_service now", b"<html>no_service</html>"] {
            assert_eq!(SlackError::from_body(body), None);
        }
    }

    #[test]
    fn a_refusal_lasts_at_once_and_anything_else_after_some_attempts() {
        let refused = |status| NotifyError::Refused { status, word: None };
        assert!(refused(404).is_lasting(1));
        assert!(refused(302).is_lasting(1));
        for passing in [refused(500), NotifyError::TimedOut, NotifyError::Unreachable] {
            assert!(!passing.is_lasting(4), "{passing}");
            assert!(passing.is_lasting(5), "{passing}");
        }
    }
}
