//! The inbox: events, and what became of each.

use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::entry::Entry;
use crate::event::{Event, State};
use crate::ids::{EventId, EventType, ObjectId};
use crate::time::UnixSeconds;

/// The durable inbox of events.
#[async_trait]
pub trait Inbox: Send + Sync {
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
    /// place. Where no event is dead any more, [`Alert::EventDead`](crate::Alert::EventDead) ends in
    /// the same step; it is raised for an event that was not dead before.
    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError>;

    /// Gives the selected events, as far as they can take it, no effect, and returns how many they
    /// were. Where no event is dead any more, [`Alert::EventDead`](crate::Alert::EventDead) ends in
    /// the same step.
    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError>;

    /// The event of that id.
    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError>;

    /// The events that `filter` lets through, the last received first.
    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError>;

    /// Up to `limit` of the selected events that can take `action`, the first recorded first; those
    /// recorded after the event `after`, where that is given and has not been pruned meanwhile.
    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError>;

    /// Returns the number of selected events that can take `action`.
    async fn count_for(&self, action: OperatorAction, which: &Selection)
    -> Result<u64, StoreError>;

    /// For each snapshot event in its place, whether a thin event of the same object and type is in
    /// the inbox.
    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError>;

    /// Proves that [`Inbox::record`] would succeed now, by doing what it does and undoing it, and by a
    /// write that stays. Returns the time by the store's own clock, where it has another one than this
    /// process.
    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError>;
}

/// The result of recording an event.
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

/// An event that was decided anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reprocess {
    /// The event as it is to be from now on, and what it changes.
    pub entry: Entry,
    /// The state that it had when that was decided.
    pub from: State,
}

/// The result of a write that depends on what was read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was done, all of it.
    Applied,
    /// The row has changed since it was read; nothing was written.
    Stale,
}

/// A filter over events.
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

impl EventFilter {
    /// The last `limit` events, whatever they are about.
    #[must_use]
    pub fn latest(limit: u32) -> Self {
        Self { object: None, event_type: None, state: None, since: None, limit }
    }
}

/// An operator's action on events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAction {
    /// They are decided anew. Not for events that the portal has no use for, nor for those that await
    /// their object.
    Reprocess,
    /// They have no effect. Not for those that are processed.
    Ignore,
}

/// The events of a command: those that match every field.
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
