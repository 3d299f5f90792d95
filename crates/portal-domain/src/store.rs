//! What a store promises, in sentences. The conformance suite is `portal-store-suite`.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::alert::{Alert, AlertChange};
use crate::breakdown::DonationRows;
use crate::donation::{Donation, DonationFilter, Total};
use crate::entry::Entry;
use crate::event::{Event, State};
use crate::ids::{AccountPath, EventId, EventType, ObjectId};
use crate::notify::{LeasedNotification, NotificationOutcome};
use crate::report::Report;
use crate::time::UnixSeconds;

/// The durable inbox, the ledger and the alerts. Every method is one atomic step: all of it happened,
/// or nothing did.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes events durable with all that follows from them, each at most once by its id: the event,
    /// its changes of the ledger and the alerts that follow are one step for all `entries`. Returns
    /// for each in its place whether it was new; a duplicate writes nothing, whatever it says.
    /// `Ok` means that every one of them would survive a power cut.
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// Writes what became of events that were recorded before and decided anew: their facts, their
    /// changes of the ledger, the alerts that follow and their new states. Does nothing for an event
    /// that is not in the state any more that it was decided upon, and returns that of each in its
    /// place. Where no event is dead any more, [`Alert::EventDead`] ends in
    /// the same step; it is raised for an event that was not dead before.
    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError>;

    /// Up to `limit` of the selected events that can take `action`, the first recorded first; those
    /// recorded after the event `after`, where that is given and has not been pruned meanwhile.
    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError>;

    /// How many of the selected events can take `action`.
    async fn count_for(&self, action: OperatorAction, which: &Selection)
    -> Result<u64, StoreError>;

    /// Gives the selected events, as far as they can take it, no effect, and returns how many they
    /// were. Where no event is dead any more, [`Alert::EventDead`] ends in
    /// the same step.
    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError>;

    /// The event of that id.
    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError>;

    /// The events that `filter` lets through, the last received first.
    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError>;

    /// How many events are dead or await their object.
    async fn backlog(&self) -> Result<Backlog, StoreError>;

    /// Returns how events that Stripe delivered came in, from the hours whose last one came at `since`
    /// or later. What was reconciled says nothing of deliveries, nor do events of [`DOCTORS_TYPE`].
    ///
    /// The statistics are kept by the hour. Each call first rolls up the events that were recorded
    /// since the last one, up to [`ROLLED_UP_MAX`] in one atomic step; where nothing is new, it writes
    /// nothing. On PostgreSQL an event that commits after a later one was rolled up is missing in
    /// them, and nowhere else.
    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError>;

    /// For each id in its place the donation of that id, or the one that the payment of that id
    /// belongs to.
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError>;

    /// The donation of that id, or the one that the payment of that id belongs to.
    async fn donation(&self, id: &ObjectId) -> Result<Option<Donation>, StoreError> {
        let found = self.donations_of(std::slice::from_ref(id)).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// The donation of that id, by which no other one is found, with the rows of the ledger that it
    /// follows from.
    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError>;

    /// The payments that a refund, a dispute or a charge with a running total of that id is of, and the
    /// invoice that a credit note of that id is of, in their order.
    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError>;

    /// Up to `limit` of the donations that `filter` lets through, the last paid (or else changed)
    /// first, and by their id where that is the same; those after `after`, which is what the last
    /// one of the page before was paid (or changed) at, and its id.
    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError>;

    /// What the paid and certain among the donations that `filter` lets through come to, by
    /// currency, kind and mode, in that order.
    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError>;

    /// Derives anew what is kept of the ledger for reading, and returns the ids of up to `limit`
    /// payments and invoices of which something else is kept, in their order. Reads the whole ledger.
    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError>;

    /// Brings what is kept of these payments and invoices up to date.
    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError>;

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

    /// Up to `limit` events that await their object and are due to be fetched at `now`, the first
    /// recorded first.
    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError>;

    /// Notes that an event's object could not be fetched, and is due again at `at`; nothing where the
    /// event does not await it any more.
    async fn postpone_fetch(&self, event: &EventId, at: UnixSeconds)
    -> Result<Written, StoreError>;

    /// For each snapshot event in its place, whether a thin event of the same object and type is in
    /// the inbox.
    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError>;

    /// Notes that Stripe has shown these donations as they are here. What was noted stays.
    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError>;

    /// Leases the job of that name where it is due at `now`: it is due again when the lease ends.
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError>;

    /// Writes how far a job has come, in the job's own words, and when it is due again;
    /// nothing for a lease that is not the last one given.
    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError>;

    /// How far the job of that name has come, without taking it.
    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError>;

    /// Counts `reads` at Stripe as made today, and tells how many there were in the last
    /// [`crate::read_budget::BUDGET_DAYS`] days, these included.
    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError>;

    /// Files a completeness report and tells its number: one more than the last one's.
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError>;

    /// Up to `limit` reports with their numbers, the last first; only that of `number`, where one is
    /// given.
    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError>;

    /// Forgets up to `limit` events that were received before `before` and are processed or ignored,
    /// and alerts that ended before then; tells how many they were. The ledger stays.
    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError>;

    /// How many events [`Store::prune`] would forget.
    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError>;

    /// Proves that [`Store::record`] would succeed now, by doing what it does and undoing it, and by a
    /// write that stays. Returns the time by the store's own clock, where it has another one than this
    /// process.
    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError>;
}

/// How many places in the inbox one step of [`Store::past`] rolls up at most: on SQLite deliveries wait
/// for it, some 20 ms. Between two looks of a usual portal there are fewer.
pub const ROLLED_UP_MAX: u32 = 10_000;

/// The type of the events that `doctor` delivers to see whether the way here is open.
pub const DOCTORS_TYPE: &str = "donation_portal.doctor";

/// Makes single events durable; stands in front of a [`Store`] and may write many at once.
#[async_trait]
pub trait Record: Send + Sync {
    /// Answers when the event is durable with all that follows from it, or when it is known that it
    /// will not be soon enough.
    async fn record(&self, entry: Arc<Entry>) -> Result<Recorded, Unavailable>;

    /// Whether [`Record::record`] would succeed now.
    async fn ready(&self) -> Result<Ready, Unavailable>;
}

/// What a service that could record now knows besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// How many events are dead or await their object.
    pub backlog: Backlog,
    /// By how many seconds this process's clock is ahead of the store's, where that has its own;
    /// negative where it is behind.
    pub clock_ahead_seconds: Option<i64>,
}

/// What recording an event came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was not there; now it is, and that is what became of it.
    New(State),
    /// It was not there; now it is, dead, because the store refused its changes. Not what a store
    /// says, but [`crate::record::record_all`].
    WithoutChanges(StoreError),
    /// It was there already; nothing was written.
    Duplicate,
}

/// Which events to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// Only what is about this object, or names it as its payment or its invoice.
    pub object: Option<ObjectId>,
    /// Only this type.
    pub event_type: Option<EventType>,
    /// Only this state, by its name.
    pub state: Option<&'static str>,
    /// Only what was received then or later.
    pub since: Option<UnixSeconds>,
    /// At most so many.
    pub limit: u32,
}

/// What an operator does about events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAction {
    /// They are decided anew. Not for events that the portal has no use for, nor for those that await
    /// their object.
    Reprocess,
    /// They have no effect. Not for those that are processed.
    Ignore,
}

impl EventFilter {
    /// The last `limit` events, whatever they are about.
    #[must_use]
    pub fn latest(limit: u32) -> Self {
        Self { object: None, event_type: None, state: None, since: None, limit }
    }
}

/// Which events a command is about: those that fit all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these ids; none: all.
    pub ids: Vec<EventId>,
    /// Only this state, by its name.
    pub state: Option<&'static str>,
    /// Only what was received then or later.
    pub since: Option<UnixSeconds>,
    /// Only what was received before then.
    pub until: Option<UnixSeconds>,
}

/// Events that the ledger lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many are dead; counted up to [`Backlog::COUNTED_MAX`].
    pub dead: u64,
    /// How many await their object; counted up to [`Backlog::COUNTED_MAX`].
    pub awaiting_object: u64,
}

impl Backlog {
    /// Counting goes no further, so that asking costs little: on D1 each counted event is a row read,
    /// and it is asked every minute.
    pub const COUNTED_MAX: u64 = 1000;
}

/// An event that was decided anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reprocess {
    /// The event as it is to be from now on, and what it changes.
    pub entry: Entry,
    /// The state that it had when that was decided.
    pub from: State,
}

/// An event that awaits its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitingObject {
    /// The event.
    pub event: Event,
    /// How often fetching its object has failed.
    pub attempts: u32,
}

/// Which claim of a row it is: each has a greater number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease(pub i64);

/// What a write came to that rests on what was read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was done, all of it.
    Applied,
    /// What it rests on is not so any more; nothing was done.
    Stale,
}

/// A job that one process has for itself, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasedJob {
    /// Which claim this is.
    pub lease: Lease,
    /// How far it had come; `None` where it never began.
    pub position: Option<String>,
}

/// How events came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryHistory {
    /// How many there were.
    pub events: u64,
    /// When the first of them was received.
    pub first_received_at: Option<UnixSeconds>,
    /// When the last of them was received.
    pub last_received_at: Option<UnixSeconds>,
    /// The longest time between two of them, in seconds.
    pub longest_gap_seconds: i64,
    /// When the last event about money came that is not a connected account's.
    pub own_money_at: Option<UnixSeconds>,
    /// Events about money that were ignored because they are connected accounts'.
    pub connected: Option<ConnectedEvents>,
}

/// Events about money that were ignored because they are connected accounts'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedEvents {
    /// The number of them.
    pub events: u64,
    /// When the last of them was received.
    pub last_received_at: UnixSeconds,
    /// One of the accounts that they are of.
    pub account: Option<AccountPath>,
}

/// An alert and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    /// What it is known by.
    pub key: String,
    /// What it is.
    pub alert: Alert,
    /// Whether the trouble is there still.
    pub open: bool,
    /// How often it was noticed since it began.
    pub count: u64,
    /// When it began.
    pub since: UnixSeconds,
    /// When it was noticed last, or when it ended.
    pub changed_at: UnixSeconds,
    /// The channels that were notified of it as it is now.
    pub notified: Vec<String>,
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
    /// It is not there, or was moved away while it was open.
    Missing,
    /// Nobody answers where it should be, or the connection ended.
    Unreachable,
    /// It did not answer in time. What was to be written may have been.
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
    /// What it may do in a day is used up.
    QuotaExhausted,
    /// A write ran with another setting than this service sets for it, so that its commit proves
    /// nothing.
    SettingLost {
        /// The setting.
        name: &'static str,
        /// What it was.
        found: String,
    },
    /// It is being copied into, and not whole yet.
    CopyIncomplete,
    /// A newer version of this service has migrated it.
    TooNew {
        /// The schema version found.
        found: u32,
        /// The newest that this version knows.
        known: u32,
    },
    /// It has to be migrated, and who only reads does not do that.
    TooOld {
        /// The schema version found.
        found: u32,
        /// The one that this version needs.
        needed: u32,
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
    /// Whether it may be about what was to be written, so that something else may be written now.
    #[must_use]
    pub fn is_of_the_batch(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::AccessDenied(_))
    }

    /// The name in logs and in `/health/ready`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Busy => "store_busy",
            Self::Full => "store_full",
            Self::ReadOnly => "store_read_only",
            Self::Corrupt => "store_corrupt",
            Self::Missing => "store_missing",
            Self::Unreachable => "store_unreachable",
            Self::TimedOut => "store_timed_out",
            Self::TooManyConnections => "store_too_many_connections",
            Self::AccessDenied(_) => "store_access_denied",
            Self::ServerTooOld { .. } => "store_server_too_old",
            Self::QuotaExhausted => "store_quota_exhausted",
            Self::SettingLost { .. } => "store_setting_lost",
            Self::CopyIncomplete => "store_copy_incomplete",
            Self::TooNew { .. } => "store_too_new",
            Self::TooOld { .. } => "store_too_old",
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
            Self::Missing => f.write_str("the database is not there"),
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
                "the database ran a write with {name} = {found}, which this service sets otherwise: a pooler in between loses settings within a transaction; use the server's own address, or pool by transaction or session"
            ),
            Self::CopyIncomplete => f.write_str(
                "a copy into the database has not ended; run `donation-portal copy` again",
            ),
            Self::TooNew { found, known } => write!(
                f,
                "the database has schema version {found} and this program knows {known}; use the newer program"
            ),
            Self::TooOld { found, needed } => write!(
                f,
                "the database has schema version {found} and this program needs {needed}; run `donation-portal migrate`, or on D1 `wrangler d1 migrations apply`"
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
