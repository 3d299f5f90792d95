//! The port to the trail of actions.

use async_trait::async_trait;

use super::{StoreError, Written};
use crate::ids::Actor;
use crate::time::UnixSeconds;
use crate::trail::{ActionOutcome, ActionResult, ActionRow, ActionVerb, NewAction};

/// The trail of what operators did. Nothing in it is ever changed but an outcome that is still
/// missing; [`super::Jobs::prune`] deletes what is older than [`crate::trail::ACTIONS_KEPT`].
#[async_trait]
pub trait Actions: Send + Sync {
    /// Enters an action that begins now, and returns the number of its entry.
    async fn begin_action(&self, action: &NewAction, now: UnixSeconds) -> Result<u64, StoreError>;

    /// Adds the outcome to the entry of that number; does nothing if it has one.
    async fn finish_action(&self, seq: u64, end: &ActionOutcome) -> Result<Written, StoreError>;

    /// Returns up to `limit` entries that the filter selects, the last begun first.
    async fn actions(&self, by: &ActionFilter, limit: u32) -> Result<Vec<ActionRow>, StoreError>;
}

/// A filter over entries; every field that is `None` lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter {
    pub who: Option<Actor>,
    pub verb: Option<ActionVerb>,
    /// Only finished actions with this result.
    pub result: Option<ActionResult>,
    /// Only actions that began then or later.
    pub since: Option<UnixSeconds>,
    /// Only actions that began before then.
    pub until: Option<UnixSeconds>,
    /// Only entries before the one of this number, the last one of the page before.
    pub after: Option<u64>,
}
