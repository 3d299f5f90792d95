//! Errors of a store, and of making an event durable.

mod store_text;

use std::fmt;

use serde::Serialize;
use strum::{IntoStaticStr, VariantNames};

use crate::advise::Advise as _;

/// The reason why a store could not do its step.
#[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case", prefix = "store_")]
pub enum StoreError {
    /// Another process holds the lock.
    Busy,
    /// No room on the disk.
    Full,
    /// It may be read, but not written.
    ReadOnly,
    /// Its files are damaged, or not a database of this service.
    Corrupt,
    /// It is not there, or was moved away while it was open.
    Missing,
    /// Its file could not be made, in the words of the system.
    NotMade(String),
    /// Only its file is mounted, and the log beside it would be lost.
    MountedAlone {
        /// The folder to mount.
        folder: String,
    },
    /// Nobody answers where it should be, or the connection ended.
    Unreachable,
    /// It did not answer in time. The write may have been done.
    TimedOut,
    /// Its server takes no more connections.
    TooManyConnections,
    /// Its server refuses this user, in its own words.
    AccessDenied(String),
    /// Its server is older than this service needs.
    ServerTooOld {
        /// The server's version, as it calls itself.
        found: String,
    },
    /// The allowance of the day is used up.
    QuotaExhausted,
    /// A write ran with another setting than this service sets for it, so that its commit proves
    /// nothing.
    SettingLost {
        /// The setting.
        name: &'static str,
        /// Its value.
        found: String,
    },
    /// A copy into it has not ended.
    CopyIncomplete,
    /// A newer version of this service has migrated it.
    TooNew {
        /// The schema version found.
        found: u32,
        /// The newest that this version knows.
        known: u32,
    },
    /// It has to be migrated, which a reader does not do.
    TooOld {
        /// The schema version found.
        found: u32,
        /// The one that this version needs.
        needed: u32,
    },
    /// Any other failure, in the store's own words, which quote nothing of an event.
    Failed(String),
}

/// Returns a value as the JSON that a store keeps.
///
/// # Errors
/// [`StoreError::Failed`] if it cannot be written.
pub fn stored_json(value: &(impl Serialize + ?Sized)) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))
}

impl StoreError {
    /// The names of all.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// True if the error may be caused by the entries of the batch, so that others may be written now.
    #[must_use]
    pub fn is_of_the_batch(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::AccessDenied(_))
    }

    /// The name in logs and in `/health/ready`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for StoreError {}

/// The reason why an event cannot be made durable now. Stripe sends it again after a 503.
#[derive(Clone, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Unavailable {
    /// The queue of deliveries is full.
    QueueFull,
    /// The write did not end soon enough.
    DeadlinePassed,
    /// The service is ending.
    ShuttingDown,
    /// The store failed.
    #[strum(transparent)]
    Store(StoreError),
}

impl Unavailable {
    /// The names of all; `store` stands for those of [`StoreError`].
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// The name in logs and in `/health/ready`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull => f.write_str("too many deliveries wait for the database"),
            Self::DeadlinePassed => f.write_str("the database did not answer soon enough"),
            Self::ShuttingDown => f.write_str("the service is shutting down"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unavailable {}
