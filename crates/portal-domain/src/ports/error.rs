//! Errors of a store, and of making an event durable.

use std::fmt;

use strum::{IntoStaticStr, VariantNames};

use crate::advise::Advise;

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
        match self {
            Self::Busy => f.write_str("the database is locked by another process"),
            Self::Full => f.write_str("the disk is full"),
            Self::ReadOnly => f.write_str("the database is read-only"),
            Self::Corrupt => {
                f.write_str("the database is damaged, or not a database of this service")
            }
            Self::Missing => f.write_str("the database is not there"),
            Self::NotMade(why) => write!(f, "the file cannot be made: {why}"),
            Self::MountedAlone { folder } => write!(
                f,
                "the file is mounted alone, so the log beside it would be lost; mount its folder {folder}"
            ),
            Self::Unreachable => f.write_str("the database server cannot be reached"),
            Self::TimedOut => f.write_str("the database did not answer in time"),
            Self::TooManyConnections => {
                f.write_str("the database server takes no more connections")
            }
            Self::AccessDenied(words) => write!(f, "the database server refuses: {words}"),
            Self::ServerTooOld { found } => {
                write!(f, "the database server is PostgreSQL {found}; 15 or later is needed")
            }
            Self::QuotaExhausted => {
                f.write_str("the database's allowance of the day is used up, until midnight UTC")
            }
            Self::SettingLost { name, found } => write!(
                f,
                "the database ran a write with {name} = {found}, which this service sets otherwise: a pooler in between loses settings within a transaction"
            ),
            Self::CopyIncomplete => f.write_str("a copy into the database has not ended"),
            Self::TooNew { found, known } => {
                write!(f, "the database has schema version {found} and this program knows {known}")
            }
            Self::TooOld { found, needed } => {
                write!(f, "the database has schema version {found} and this program needs {needed}")
            }
            Self::Failed(what) => write!(f, "the database failed: {what}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl Advise for StoreError {
    fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::Busy => "try again when the other process has ended",
            Self::Full => "free disk space where the database is",
            Self::ReadOnly => "make the file writable, or use the primary server, not a standby",
            Self::Corrupt => "use the right database, or restore a backup",
            Self::Unreachable => "check host and port, and whether the server runs",
            Self::TimedOut => {
                "check whether the server is overloaded or a lock is held there, then try again"
            }
            Self::TooManyConnections => {
                "raise max_connections of the server, or connect fewer processes"
            }
            Self::AccessDenied(_) => {
                "check user and password, and the user's rights (grant, pg_hba.conf)"
            }
            Self::ServerTooOld { .. } => "upgrade it, or use a newer server",
            Self::SettingLost { .. } => {
                "use the server's own address, or pool by transaction or session"
            }
            Self::CopyIncomplete => "run `donation-portal copy` again",
            Self::TooNew { .. } => "use the newer program",
            Self::TooOld { .. } => {
                "run `donation-portal migrate`, or on D1 `wrangler d1 migrations apply`"
            }
            Self::NotMade(_) => "look at the folder: its rights, and those of its disk",
            Self::Missing | Self::MountedAlone { .. } | Self::QuotaExhausted | Self::Failed(_) => {
                return None;
            }
        })
    }
}

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
