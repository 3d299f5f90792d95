//! What a store promises, in sentences. The conformance suite is `portal-store-suite`.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::event::Event;
use crate::text::{EventId, EventType};
use crate::time::UnixSeconds;

/// The durable inbox. Every method is one atomic step: all of it happened, or nothing did.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes `events` durable, each at most once by its id, and tells of each in its place whether
    /// it was new. A duplicate writes nothing, and `Ok` means that every one of them would survive a
    /// power cut.
    async fn record(&self, events: &[Arc<Event>]) -> Result<Vec<Recorded>, StoreError>;

    /// The event of that id.
    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError>;

    /// The events that `filter` lets through, the last received first.
    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError>;

    /// Proves by a write that [`Store::record`] would succeed now.
    async fn ping(&self, now: UnixSeconds) -> Result<(), StoreError>;
}

/// Makes single events durable; stands in front of a [`Store`] and may write many at once.
#[async_trait]
pub trait Record: Send + Sync {
    /// Answers when `event` is durable, or when it is known that it will not be soon enough.
    async fn record(&self, event: Arc<Event>) -> Result<Recorded, Unavailable>;

    /// Whether [`Record::record`] would succeed now.
    async fn ready(&self) -> Result<(), Unavailable>;
}

/// What recording an event came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was not there; now it is.
    New,
    /// It was there already; nothing was written.
    Duplicate,
}

/// Which events to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// Only this type.
    pub event_type: Option<EventType>,
    /// Only this state, by its name.
    pub state: Option<&'static str>,
    /// Only what was received then or later.
    pub since: Option<UnixSeconds>,
    /// At most so many.
    pub limit: u32,
}

/// Why a store could not do its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Somebody else holds the lock.
    Busy,
    /// No room on the disk.
    Full,
    /// It may be read, but not written.
    ReadOnly,
    /// Its files are damaged, or not a database of this service.
    Corrupt,
    /// Its file is not there, or was moved away while it was open.
    Missing,
    /// A newer version of this service has migrated it.
    TooNew {
        /// The schema version found.
        found: u32,
        /// The newest that this version knows.
        known: u32,
    },
    /// Anything else, in the store's own words, which quote nothing of an event.
    Failed(String),
}

/// Why an event cannot be made durable now. Stripe sends it again after a 503.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// As many deliveries wait as may wait.
    QueueFull,
    /// The write did not end soon enough.
    DeadlinePassed,
    /// The service is ending.
    ShuttingDown,
    /// The store failed.
    Store(StoreError),
}

impl StoreError {
    /// The name in logs and in `/health/ready`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Busy => "store_busy",
            Self::Full => "store_full",
            Self::ReadOnly => "store_read_only",
            Self::Corrupt => "store_corrupt",
            Self::Missing => "store_missing",
            Self::TooNew { .. } => "store_too_new",
            Self::Failed(_) => "store_failed",
        }
    }
}

impl Unavailable {
    /// The name in logs and in `/health/ready`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::DeadlinePassed => "deadline_passed",
            Self::ShuttingDown => "shutting_down",
            Self::Store(error) => error.name(),
        }
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
            Self::Missing => f.write_str("the database file is not there"),
            Self::TooNew { found, known } => write!(
                f,
                "the database has schema version {found} and this program knows {known}; use the newer program"
            ),
            Self::Failed(what) => write!(f, "the database failed: {what}"),
        }
    }
}

impl std::error::Error for StoreError {}

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
