//! Jobs: what is done beside the requests, by one process at a time.

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{StoreError, Written};
use crate::event::Event;
use crate::ids::EventId;
use crate::time::UnixSeconds;

/// The work beside the requests: jobs under a lease, objects to fetch, reads that are left, events
/// to forget.
#[async_trait]
pub trait Jobs: Send + Sync {
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
        state: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError>;

    /// Returns the state of the job of that name, without leasing it.
    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError>;

    /// Counts `reads` at Stripe as made today, and tells how many there were in the last
    /// [`crate::read_budget::BUDGET_DAYS`] days, these included.
    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError>;

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

    /// Forgets up to `limit` events that were received before `before` and are processed or ignored,
    /// and alerts that ended before then; tells how many they were. The ledger stays.
    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError>;

    /// Returns the number of events that [`Jobs::prune`] would delete.
    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError>;
}

/// The number of a lease: each one of a row is greater than the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease(pub i64);

/// A job that one process has for itself, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasedJob {
    pub lease: Lease,
    /// The state that was saved last; `None` if the job never ran.
    pub state: Option<String>,
}

/// An event that awaits its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitingObject {
    /// The event.
    pub event: Event,
    /// The number of attempts to fetch its object that have failed.
    pub attempts: u32,
}
