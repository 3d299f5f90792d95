//! The port to the inbox: events and their states.

use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::alert::Alert;
use crate::entry::Entry;
use crate::event::{Event, Origin, State};
use crate::ids::{EnumWord, EventId, EventType, ObjectId};
use crate::time::UnixSeconds;
use crate::trail::{ACTION_IDS_MAX, Acknowledgement, ActionScope};

/// The durable inbox of events.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Records events, each at most once by its id, with their changes of the ledger and their alerts,
    /// in one step for all `entries`. Returns the outcome of each in its place; a duplicate writes
    /// nothing, whatever its content is. `Ok` means that all of them would survive a power cut.
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// Writes recorded events that were decided anew: their facts, their changes of the ledger, their
    /// alerts and their new states. An event that is no longer in the state that its decision rests
    /// on is left alone. Returns the outcome of each in its place. If no event is dead any more,
    /// nor awaits its object since it was, [`Alert::EventDead`] ends in the same step; it is raised
    /// for an event that was not dead before.
    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError>;

    /// Marks the selected events that can be ignored as ignored, and returns their number; if that is
    /// not the expected one, nothing is ignored. If no event is dead any more, nor awaits
    /// its object since it was, [`Alert::EventDead`] ends in the same step.
    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError>;

    /// Acknowledges the selected dead events that are not acknowledged yet, and returns their number;
    /// if that is not the expected one, nothing is done. An event is no longer
    /// acknowledged once it is no longer dead. If no dead event is left unacknowledged,
    /// [`Alert::EventDead`] is acknowledged in the same step.
    async fn acknowledge_events(
        &self,
        which: &Selection,
        seen: &Acknowledgement,
    ) -> Result<u64, StoreError>;

    /// Returns the acknowledgement of the event of that id.
    async fn acknowledgement(&self, id: &EventId) -> Result<Option<Acknowledgement>, StoreError>;

    /// Returns the event of that id.
    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError>;

    /// Returns the events that `filter` selects, the last recorded first.
    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError>;

    /// Returns the last event that the search of `filter` looks at; nothing if it looks at all there are.
    async fn search_end(&self, filter: &EventFilter) -> Result<Option<Event>, StoreError>;

    /// Returns the number of selected events, counted up to `limit`.
    async fn count_events(&self, which: &Selection, limit: u32) -> Result<u64, StoreError>;

    /// Returns up to `limit` of the selected events that can take `action`, the first recorded first;
    /// only those recorded after the event `after`, if it is given and has not been pruned meanwhile.
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

    /// Returns for each snapshot event in its place true if a thin event of the same object and type
    /// is in the inbox.
    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError>;

    /// Proves that [`Inbox::record`] would succeed now, by recording an event and undoing it, and by a
    /// write that stays. Returns the time by the store's own clock, if it has one.
    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError>;
}

/// The result of recording an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was not there, and is now recorded in this state.
    New(State),
    /// It was not there, and is now recorded as dead, because the store refused its changes. No store
    /// returns this, but [`crate::record::record_all`].
    WithoutChanges(StoreError),
    /// It was there already; nothing was written.
    Duplicate,
}

/// An event that was decided anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reprocess {
    /// The event in its new state, with its changes.
    pub entry: Entry,
    /// The state that the decision rests on.
    pub from: State,
}

impl Reprocess {
    /// Returns the alert to raise: that of an event that is dead, and was not before.
    #[must_use]
    pub fn alert(&self) -> Option<Alert> {
        self.entry.alert().filter(|_| !self.from.is_unrepaired())
    }
}

/// The result of a write that rests on an earlier read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The write was done.
    Applied,
    /// The row has changed since it was read; nothing was written.
    Stale,
}

/// A page of selected events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    pub which: Selection,
    /// Only events recorded after this one; all if it is not in the inbox.
    pub after: Option<EventId>,
    /// Only events recorded before this one, which is the last one of the page before, and the time
    /// at which it was received: if it has been pruned meanwhile, only events received by then.
    pub before: Option<(UnixSeconds, EventId)>,
    /// At most so many.
    pub limit: u32,
    /// Only so many events before that one, or of the last ones, are looked at, whether they are
    /// selected or not: a filter without an index would read the whole inbox for what is rare. The next
    /// search begins before the event that [`Inbox::search_end`] returns. If `before` has been pruned,
    /// all are looked at.
    pub search: Option<u32>,
}

impl EventFilter {
    /// The last `limit` of the selected events.
    #[must_use]
    pub fn last(limit: u32, which: Selection) -> Self {
        Self { which, after: None, before: None, limit, search: None }
    }

    /// The last `limit` events, whatever they are about.
    #[must_use]
    pub fn latest(limit: u32) -> Self {
        Self::last(limit, Selection::default())
    }
}

/// An operator's action on events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAction {
    /// Decides them anew. Events that the portal has no use for, and those that await their object,
    /// cannot take it.
    Reprocess,
    /// Marks them as ignored. Processed events cannot take it.
    Ignore,
}

/// A selection of events: those that match every field, for a list as for an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these ids; all if there are none.
    pub ids: Vec<EventId>,
    /// Only events about this object, or that name it as their payment or invoice.
    pub object: Option<ObjectId>,
    /// Only this type; if none is given, each but [`DOCTORS_TYPE`](super::DOCTORS_TYPE), whose events
    /// would hide the others of a minute in which `doctor` runs.
    pub event_type: Option<EventType>,
    /// Only this state, by its name.
    pub state: Option<&'static str>,
    /// Only this reason of a state, by its name.
    pub reason: Option<&'static str>,
    pub origin: Option<Origin>,
    pub livemode: Option<bool>,
    /// True: only events that are acknowledged; false: only the others.
    pub acknowledged: Option<bool>,
    /// Only events received then or later.
    pub since: Option<UnixSeconds>,
    /// Only events received before then.
    pub until: Option<UnixSeconds>,
    /// Only this event and those recorded after it; none if it is not in the inbox.
    pub from: Option<EventId>,
    /// The number of events that the operator has seen: where another number can take an action now,
    /// [`Inbox::ignore`] and [`Inbox::acknowledge_events`] do nothing and return it.
    pub expected: Option<u64>,
}

impl Selection {
    /// The events about `object`, or that name it as their payment or invoice.
    #[must_use]
    pub fn about(object: &ObjectId) -> Self {
        Self { object: Some(object.clone()), ..Self::default() }
    }

    /// True if each store finds these events by an index.
    #[must_use]
    pub fn is_found_by_index(&self) -> bool {
        let is_rare = matches!(self.state, Some("dead" | "awaiting_object"));
        is_rare || self.object.is_some() || !self.ids.is_empty()
    }

    /// Returns the scope of an action on these events, for the trail.
    #[must_use]
    pub fn scope(&self) -> ActionScope {
        let ids = self.ids.iter().filter_map(|it| ObjectId::new(it.as_str()));
        ActionScope {
            ids: ids.take(ACTION_IDS_MAX).collect(),
            alert: None,
            object: self.object.clone(),
            event_type: self.event_type.clone(),
            state: self.state.map(EnumWord::of_name),
            reason: self.reason.map(EnumWord::of_name),
            origin: self.origin,
            livemode: self.livemode,
            acknowledged: self.acknowledged,
            since: self.since,
            until: self.until,
            from: self.from.clone(),
        }
    }
}
