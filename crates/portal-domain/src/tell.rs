//! Telling: each alert reaches each channel, once per cool-down, and so does its end.

use std::fmt;

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::alert::{Action, Alert};
use crate::retry::retry_at;
use crate::store::{Lease, Store, StoreError};
use crate::time::UnixSeconds;

/// How long a claim of a notice lasts: longer than any request takes.
pub const NOTICE_LEASE: SignedDuration = SignedDuration::from_secs(20);

/// For how long it is tried to tell something. Older news are for the list of alerts.
pub const NEWS_FOR: SignedDuration = SignedDuration::from_hours(72);

/// A way to reach the operators.
#[async_trait]
pub trait Notify: Send + Sync {
    /// The channel's name in the store and in logs: `slack-1`, `pagerduty-2`, ….
    fn channel(&self) -> &str;

    /// Whether the channel takes such an alert; a digest wakes nobody up.
    fn takes(&self, alert: &Alert) -> bool;

    /// Sends one notice; returns when the channel has taken it.
    async fn notify(&self, notice: &Notice) -> Result<(), NotTold>;
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is known by.
    pub key: String,
    /// Whether it has begun or ended.
    pub action: Action,
    /// What it is.
    pub alert: Alert,
    /// How often it was noticed since it began.
    pub count: u64,
    /// When it began.
    pub since: UnixSeconds,
}

/// A notice that one teller has for itself, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedNotice {
    /// What to tell.
    pub notice: Notice,
    /// Which claim this is.
    pub lease: Lease,
    /// How often it was tried to tell it, this time included.
    pub attempts: u32,
}

/// What became of a claimed notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeOutcome {
    /// What it is known by.
    pub key: String,
    /// The claim that this rests on.
    pub lease: Lease,
    /// Told, or when to try again.
    pub told: Result<Action, UnixSeconds>,
}

/// Why a channel did not take a notice. Says nothing of the channel's address, which is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTold {
    /// It answered that this is too much; it may have said for how long to wait.
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

/// One notice that [`tell_due`] has worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// What was to be told.
    pub notice: Notice,
    /// Whether the channel took it.
    pub told: Result<(), NotTold>,
}

/// The longest wait that a channel may ask for, in seconds.
const RETRY_AFTER_SECONDS_MAX: u32 = 3600;

/// Tells `channel` what is due, one after another. `jitter` is any random number; `now` tells the
/// time anew, because a channel may take its time.
///
/// # Errors
/// Where the store failed. What was claimed is then due again when its lease ends.
pub async fn tell_due(
    store: &dyn Store,
    channel: &dyn Notify,
    now: &(dyn Fn() -> UnixSeconds + Send + Sync),
    jitter: u64,
) -> Result<Vec<Telling>, StoreError> {
    let mut tellings = Vec::new();
    while let Some(claimed) = store.claim_notice(channel.channel(), NOTICE_LEASE, now()).await? {
        let ClaimedNotice { notice, lease, attempts } = claimed;
        let told =
            if channel.takes(&notice.alert) { channel.notify(&notice).await } else { Ok(()) };
        let outcome = match &told {
            Ok(()) => Ok(notice.action),
            Err(why) => Err(why.retry_at(attempts, now(), jitter)),
        };
        let outcome = NoticeOutcome { key: notice.key.clone(), lease, told: outcome };
        store.finish_notice(channel.channel(), &outcome, now()).await?;
        let failed = told.is_err();
        tellings.push(Telling { notice, told });
        if failed {
            // What comes next would fail as well.
            break;
        }
    }
    Ok(tellings)
}

impl NotTold {
    /// The name in logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "channel_busy",
            Self::Refused { .. } => "channel_refused",
            Self::TimedOut => "channel_timed_out",
            Self::Unreachable => "channel_unreachable",
        }
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

impl fmt::Display for NotTold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { retry_after: Some(seconds) } => {
                write!(f, "it takes no more for {seconds} s (429)")
            }
            Self::TooMany { retry_after: None } => f.write_str("it takes no more for now (429)"),
            Self::Refused { status } => write!(f, "it answered {status}"),
            Self::TimedOut => f.write_str("it did not answer in time"),
            Self::Unreachable => f.write_str("there was no connection"),
        }
    }
}

impl std::error::Error for NotTold {}
