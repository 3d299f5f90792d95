//! The comparison with Stripe that an operator asks for: one at a time, done step by step by whichever
//! process polls Stripe, and cancelled by its entry in the trail.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::donation::DonationFilter;
use crate::ports::{
    ActionFilter, Actions, Jobs, Lease, Selection, Store, StoreError, Written, stored_json,
};
use crate::reconcile::Run;
use crate::stripe::Window;
use crate::time::UnixSeconds;
use crate::trail::{ActionOutcome, ActionRow};

/// The lease under which a request is written down, which takes a moment.
const REQUEST_LEASE: SignedDuration = SignedDuration::from_secs(30);

/// The number of objects on a page of Stripe's lists.
const PAGE: u64 = 100;

/// The number up to which events are counted for an estimate: a thousand reads.
const COUNTED_MAX: u32 = 100_000;

/// The reads of a run through an empty window: two lists of events, and five of objects.
const READS_MIN: u64 = 7;

/// A comparison that was asked for, saved between its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedRun {
    /// The number of its entry in the trail. Once that has an outcome, the run is over.
    pub action: u64,
    pub run: Run,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunRequested {
    Accepted,
    /// Another one is under way; nothing was written.
    UnderWay,
}

/// The job's name in the store. A key sees its own mode only, so each mode has its own run.
pub(crate) fn job(livemode: bool) -> &'static str {
    if livemode { "requested_live" } else { "requested_test" }
}

/// Returns the run that is under way, if there is one.
///
/// # Errors
/// If the store failed.
pub async fn under_way(
    store: &dyn Store,
    livemode: bool,
) -> Result<Option<RequestedRun>, StoreError> {
    match saved(store, livemode).await? {
        Some(run) if !run.is_over(store).await? => Ok(Some(run)),
        _ => Ok(None),
    }
}

/// Returns the run that was saved last, which may be cancelled.
pub(crate) async fn saved(
    store: &dyn Jobs,
    livemode: bool,
) -> Result<Option<RequestedRun>, StoreError> {
    Ok(read(store.job_state(job(livemode)).await?.as_deref()))
}

/// Leaves the request for the process that polls Stripe. `action` is its entry in the trail.
///
/// # Errors
/// If the store failed.
pub async fn request(
    store: &dyn Store,
    action: u64,
    window: Window,
    livemode: bool,
    now: UnixSeconds,
) -> Result<RunRequested, StoreError> {
    if under_way(store, livemode).await?.is_some() {
        return Ok(RunRequested::UnderWay);
    }
    // Of two requests at once, one gets the lease.
    let Some(leased) = store.lease_job(job(livemode), REQUEST_LEASE, now).await? else {
        return Ok(RunRequested::UnderWay);
    };
    // The other one may have been written since.
    if let Some(other) = read(leased.state.as_deref())
        && !other.is_over(store).await?
    {
        other.save(store, leased.lease, now).await?;
        return Ok(RunRequested::UnderWay);
    }
    let run = Run::full(window, window.since, livemode, now);
    let requested = RequestedRun { action, run };
    Ok(match requested.save(store, leased.lease, now).await? {
        Written::Applied => RunRequested::Accepted,
        Written::Stale => RunRequested::UnderWay,
    })
}

/// Returns about how many reads a run through `window` takes: more where much is missing here.
///
/// # Errors
/// If the store failed.
pub async fn estimated_reads(
    store: &dyn Store,
    window: Window,
    livemode: bool,
) -> Result<u64, StoreError> {
    let (since, until, livemode) = (Some(window.since), Some(window.until), Some(livemode));
    let of_window = Selection { since, until, livemode, ..Selection::default() };
    let events = store.count_events(&of_window, COUNTED_MAX).await?;
    let donations = DonationFilter { since, until, livemode, ..DonationFilter::default() };
    let donations: u64 = store.totals(&donations).await?.iter().map(|it| it.count).sum();
    Ok(reads_for(events, donations))
}

/// The scan of events halves its window until a page holds it; each donation is in up to three lists.
fn reads_for(events: u64, donations: u64) -> u64 {
    let pages = events / PAGE;
    let halved = u64::from(pages.checked_ilog2().map_or(0, |it| it + 1));
    READS_MIN + pages + halved + 3 * (donations / PAGE)
}

/// Returns the entry of an action in the trail.
///
/// # Errors
/// If the store failed.
pub async fn entry(store: &dyn Actions, action: u64) -> Result<Option<ActionRow>, StoreError> {
    let last = ActionFilter { after: action.checked_add(1), ..ActionFilter::default() };
    Ok(store.actions(&last, 1).await?.into_iter().find(|it| it.seq == action))
}

impl RequestedRun {
    /// True if the run was cancelled, or its end is written down already.
    pub(crate) async fn is_over(&self, store: &dyn Actions) -> Result<bool, StoreError> {
        Ok(entry(store, self.action).await?.is_none_or(|it| it.outcome.is_some()))
    }

    /// Saves the run; it is due again at `due_at`.
    pub(crate) async fn save(
        &self,
        store: &dyn Jobs,
        lease: Lease,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let written = stored_json(self)?;
        store.save_job(job(self.run.report.livemode), lease, &written, due_at).await
    }

    /// Writes down that the run is over, first in its entry.
    pub(crate) async fn end(
        &self,
        store: &dyn Store,
        lease: Lease,
        outcome: Option<ActionOutcome>,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        if let Some(outcome) = outcome {
            store.finish_action(self.action, &outcome).await?;
        }
        store.save_job(job(self.run.report.livemode), lease, "", now).await.map(drop)
    }
}

pub(crate) fn read(written: Option<&str>) -> Option<RequestedRun> {
    serde_json::from_str(written?).ok()
}

#[cfg(test)]
mod tests {
    use super::reads_for;

    #[test]
    fn an_estimate_grows_with_the_pages() {
        assert_eq!(reads_for(0, 0), 7);
        assert_eq!(reads_for(99, 99), 7);
        assert_eq!(reads_for(450, 230), 7 + 4 + 3 + 6);
        assert!(reads_for(u64::MAX, 0) > u64::MAX / 101);
    }
}
