//! Settling: what an event tells reaches the ledger, once.
//!
//! An event is claimed for a while (its *lease*), decided upon, and settled, each in one step of the
//! store. Whoever dies in between leaves a lease that runs out; whoever comes back too late settles
//! nothing, because the event has been leased anew.

use jiff::SignedDuration;

use crate::alert::Alert;
use crate::event::{DeadReason, Event};
use crate::ledger::{self, Change};
use crate::retry::retry_at;
use crate::store::{Store, StoreError};
use crate::text::EventId;
use crate::time::UnixSeconds;

/// How long a claim lasts. Settling a batch takes milliseconds; this is for a process that died.
pub const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// The longest claim.
///
/// Each attempt claims an event for twice as long as the one before, so that one that ends its
/// settler again and again, or a store that takes claims and nothing else, uses up the attempts in
/// hours and not in minutes.
pub const LEASE_MAX: SignedDuration = SignedDuration::from_hours(1);

/// How often it is tried to settle an event: by the schedule of [`retry_at`], or by the ends of its
/// leases, for some hours.
pub const ATTEMPTS_MAX: u32 = 12;

/// How long the `attempt`th claim of an event lasts.
#[must_use]
pub fn lease_of(attempt: u32) -> SignedDuration {
    let doublings = attempt.saturating_sub(1).min(16);
    LEASE.saturating_mul(1 << doublings).min(LEASE_MAX)
}

/// An event that one settler has for itself, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The event; its `attempts` count this one.
    pub event: Event,
    /// Which claim of the event this is.
    pub lease: Lease,
}

/// Which claim of a row it is: each has a greater number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lease(pub i64);

/// What is to become of a claimed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The event.
    pub event: EventId,
    /// The claim that this rests on.
    pub lease: Lease,
    /// What is to become of it.
    pub verdict: Verdict,
}

/// What is to become of a claimed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The ledger takes these over, and an operator is told what is news among them.
    Done(Vec<Change>),
    /// Not now; again at that time.
    Retry {
        /// Not before then.
        at: UnixSeconds,
    },
    /// Never.
    Dead {
        /// Why.
        reason: DeadReason,
        /// What an operator is told.
        alert: Alert,
    },
}

/// What a settlement came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was done, all of it.
    Applied,
    /// The claim was not valid any more; nothing was done.
    Stale,
}

/// One event that [`settle_due`] has worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The event, as it was claimed.
    pub event: Event,
    /// What became of it.
    pub result: Result,
}

/// What became of a claimed event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Result {
    /// It is settled.
    Settled,
    /// It is tried again at that time.
    Retry(UnixSeconds),
    /// It was given up.
    Dead(DeadReason),
    /// Somebody else has it now.
    Stale,
}

/// Settles up to `limit` events that are due. `jitter` is any random number.
///
/// # Errors
/// Where the store failed as a whole. What was claimed is then due again when its lease ends.
pub async fn settle_due(
    store: &dyn Store,
    limit: u32,
    now: UnixSeconds,
    jitter: u64,
) -> std::result::Result<Vec<Outcome>, StoreError> {
    let claimed = store.claim(limit, LEASE, now).await?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let settlements: Vec<_> = claimed.iter().map(settlement).collect();
    let results = match store.settle(&settlements, now).await {
        Ok(settled) => results(&settlements, &settled),
        // One of them may be what the store cannot take: the others shall not wait for it.
        Err(StoreError::Failed(_)) => {
            one_by_one(store, &claimed, &settlements, now, jitter).await?
        }
        Err(error) => return Err(error),
    };
    let events = claimed.into_iter().map(|it| it.event);
    Ok(events.zip(results).map(|(event, result)| Outcome { event, result }).collect())
}

/// What is to become of a claimed event.
#[must_use]
pub fn settlement(claimed: &Claimed) -> Settlement {
    let event = &claimed.event;
    let changes = if event.attempts > ATTEMPTS_MAX {
        Err(DeadReason::AttemptsExhausted)
    } else {
        ledger::changes(event)
    };
    let verdict = changes.map_or_else(
        |reason| Verdict::Dead {
            reason,
            alert: Alert::EventDead {
                event: event.id.clone(),
                event_type: event.event_type.clone(),
                reason,
            },
        },
        Verdict::Done,
    );
    Settlement { event: event.id.clone(), lease: claimed.lease, verdict }
}

async fn one_by_one(
    store: &dyn Store,
    claimed: &[Claimed],
    settlements: &[Settlement],
    now: UnixSeconds,
    jitter: u64,
) -> std::result::Result<Vec<Result>, StoreError> {
    let mut all = Vec::with_capacity(settlements.len());
    for (claimed, settlement) in claimed.iter().zip(settlements) {
        let mut alone = settlement.clone();
        let settled = match store.settle(std::slice::from_ref(&alone), now).await {
            Err(StoreError::Failed(_)) => {
                alone.verdict =
                    Verdict::Retry { at: retry_at(claimed.event.attempts, now, jitter) };
                store.settle(std::slice::from_ref(&alone), now).await?
            }
            settled => settled?,
        };
        all.extend(results(std::slice::from_ref(&alone), &settled));
    }
    Ok(all)
}

fn results(settlements: &[Settlement], settled: &[Settled]) -> Vec<Result> {
    let result =
        |(settlement, settled): (&Settlement, &Settled)| match (settled, &settlement.verdict) {
            (Settled::Stale, _) => Result::Stale,
            (Settled::Applied, Verdict::Done(_)) => Result::Settled,
            (Settled::Applied, Verdict::Retry { at }) => Result::Retry(*at),
            (Settled::Applied, Verdict::Dead { reason, .. }) => Result::Dead(*reason),
        };
    settlements.iter().zip(settled).map(result).collect()
}
