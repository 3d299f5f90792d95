//! The port to work beside the requests, which one process at a time does.

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{StoreError, Written};
use crate::event::Event;
use crate::ids::EventId;
use crate::time::UnixSeconds;

/// The work beside the requests: leased jobs, objects to fetch, the read budget, events to delete.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Leases the job of that name if it is due at `now`; it is due again when the lease ends.
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError>;

    /// Saves the state of a job, as a text of its own, and the time at which it is due again; does
    /// nothing if the lease is not the last one.
    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        state: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError>;

    /// Returns the state of the job of that name, without leasing it.
    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError>;

    /// Returns all jobs that were ever leased, by name.
    async fn jobs(&self) -> Result<Vec<JobRow>, StoreError>;

    /// Adds `reads` to the reads of today, and returns the number of reads in the last
    /// [`crate::read_budget::BUDGET_DAYS`] days, these included.
    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError>;

    /// Returns the days of [`Jobs::spend`] with reads, as the number of the day since 1970 in UTC and
    /// that of its reads, the first one first.
    async fn reads_by_day(&self, now: UnixSeconds) -> Result<Vec<(i64, u64)>, StoreError>;

    /// Returns up to `limit` events that await their object and are due to be fetched at `now`, the
    /// first recorded first.
    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError>;

    /// Schedules the next attempt to fetch an event's object at `at`; does nothing if the event no
    /// longer awaits it.
    async fn postpone_fetch(&self, event: &EventId, at: UnixSeconds)
    -> Result<Written, StoreError>;

    /// Deletes up to `limit` processed or ignored events that were received before `before`, and the
    /// alerts that ended before then. Returns the number of events. The ledger stays.
    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError>;

    /// Returns the number of events that [`Jobs::prune`] would delete.
    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError>;
}

/// The number of a lease; each lease of a row has a greater number than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease(pub i64);

/// A job that is leased to one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasedJob {
    pub lease: Lease,
    /// The state that was saved last; `None` if the job never ran.
    pub state: Option<String>,
}

/// The times of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    pub name: String,
    /// The time at which it was last leased.
    pub leased_at: UnixSeconds,
    /// The time at which it is due; while it runs, the end of its lease.
    pub due_at: UnixSeconds,
}

/// An event that awaits its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitingObject {
    /// The event.
    pub event: Event,
    /// The number of attempts to fetch its object that have failed.
    pub attempts: u32,
}
