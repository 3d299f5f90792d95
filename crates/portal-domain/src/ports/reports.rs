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

    /// Returns the hours that begin within any of `spans`, of which there is one at least and none that
    /// overlap, the first one first.
    /// An hour without deliveries, or whose events are not rolled up yet, is not among them. Reads one
    /// row for each hour, and rolls up nothing.
    async fn delivery_hours(&self, spans: &[HourSpan]) -> Result<Vec<DeliveryHour>, StoreError>;
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

/// The hours that begin at the first time or later, and before the second one.
pub type HourSpan = [UnixSeconds; 2];

/// The deliveries of one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryHour {
    /// The hour since 1970.
    pub hour: i64,
    pub events: u64,
    pub first_received_at: UnixSeconds,
    pub last_received_at: UnixSeconds,
    /// The longest time between two of them, in seconds.
    pub longest_gap_seconds: i64,
    /// The time from the last event of an earlier hour to the first of this one, in seconds.
    pub gap_before_seconds: i64,
    /// The number of events that came within each of [`DELAYS_SECONDS`].
    pub within: [u64; DELAYS_SECONDS.len()],
}

/// The delays from the creation of an event at Stripe to its delivery that are told apart, in seconds.
/// Stripe repeats a delivery for three days.
pub const DELAYS_SECONDS: [i64; 10] = [1, 5, 15, 60, 600, 3600, 10_800, 28_800, 86_400, 259_200];

impl DeliveryHistory {
    /// Returns the history that hours in their order make, as far as it is about silence.
    #[must_use]
    pub fn of_hours(hours: &[DeliveryHour]) -> Self {
        // The gap before the first hour began before the time that is asked about.
        let before = hours.iter().skip(1).map(|it| it.gap_before_seconds);
        let gaps = hours.iter().map(|it| it.longest_gap_seconds).chain(before);
        Self {
            events: hours.iter().map(|it| it.events).sum(),
            first_received_at: hours.iter().map(|it| it.first_received_at).min(),
            last_received_at: hours.iter().map(|it| it.last_received_at).max(),
            longest_gap_seconds: gaps.max().unwrap_or_default(),
            ..Self::default()
        }
    }
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
