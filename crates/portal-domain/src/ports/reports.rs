//! The port to completeness reports and figures.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::AccountPath;
use crate::report::Report;
use crate::time::UnixSeconds;

/// Completeness reports, and the figures that readiness and the monitor go by.
#[async_trait]
pub trait Reports: Send + Sync {
    /// Files a completeness report and returns its number, which is one more than the last one's.
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError>;

    /// Returns up to `limit` reports with their numbers, the last first; only that of `number`, if one
    /// is given.
    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError>;

    /// Returns the number of events that are dead or await their object.
    async fn backlog(&self) -> Result<Backlog, StoreError>;

    /// Returns the history of deliveries, from the hours whose last event came at `since` or later.
    /// Reconciled events and those of [`DOCTORS_TYPE`] do not count.
    ///
    /// The statistics are kept by the hour. Each call first rolls up the events that were recorded
    /// since the last one, up to [`ROLLED_UP_MAX`] in one atomic step; where nothing is new, it writes
    /// nothing. On PostgreSQL an event that commits after a later one was rolled up is missing in
    /// them, and nowhere else.
    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError>;
}

/// Events that the ledger lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Dead events, counted up to [`Backlog::COUNTED_MAX`].
    pub dead: u64,
    /// Events that await their object, counted up to [`Backlog::COUNTED_MAX`].
    pub awaiting_object: u64,
    /// Those of the dead events that are acknowledged, counted up to [`Backlog::COUNTED_MAX`].
    pub acknowledged: u64,
}

impl Backlog {
    /// Counting goes no further, so that asking costs little: on D1 each counted event is a row read,
    /// and it is asked every minute.
    pub const COUNTED_MAX: u64 = 1000;
}

/// A summary of the deliveries of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryHistory {
    pub events: u64,
    pub first_received_at: Option<UnixSeconds>,
    pub last_received_at: Option<UnixSeconds>,
    /// The longest time between two of them, in seconds.
    pub longest_gap_seconds: i64,
    /// The time of the last event about money that is not a connected account's.
    pub own_money_at: Option<UnixSeconds>,
    /// Events about money that were ignored because they are connected accounts'.
    pub connected: Option<ConnectedEvents>,
}

/// Events about money that were ignored because they are connected accounts'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedEvents {
    /// The number of them.
    pub events: u64,
    pub last_received_at: UnixSeconds,
    /// One of the accounts that they are of.
    pub account: Option<AccountPath>,
}

/// The most events that one step of [`Reports::delivery_history`] rolls up: on SQLite deliveries wait
/// for it, some 20 ms. Between two looks of a usual portal there are fewer.
pub const ROLLED_UP_MAX: u32 = 10_000;

/// The type of the events that `doctor` delivers to see whether the way here is open.
pub const DOCTORS_TYPE: &str = "donation_portal.doctor";
