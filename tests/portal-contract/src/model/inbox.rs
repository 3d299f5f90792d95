//! The model's inbox.

use std::collections::BTreeMap;

use portal_domain::{
    AwaitingObject, Backlog, Entry, Event, EventId, IgnoredReason, OperatorAction, Recorded,
    Reprocess, Selection, State, UnixSeconds, Written,
};

use super::books::Books;

/// The recorded events, and the ledger of their changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    rows: BTreeMap<EventId, Row>,
    pub(super) books: Books,
}

#[derive(Clone, Debug)]
struct Row {
    event: Event,
    /// The place in the order of recording.
    place: usize,
    /// The failed attempts to fetch its object, and the time of the next one.
    postponed: Option<(u32, UnixSeconds)>,
}

impl Inbox {
    pub(super) fn deliver(&mut self, entry: &Entry) -> Recorded {
        let event = entry.event();
        if self.rows.contains_key(&event.id) {
            return Recorded::Duplicate;
        }
        let row = Row { event: event.clone(), place: self.rows.len(), postponed: None };
        self.rows.insert(event.id.clone(), row);
        self.books.write(entry.changes());
        Recorded::New(event.state)
    }

    pub(super) fn reprocess(&mut self, step: &Reprocess) -> Written {
        let Some(row) = self.rows.get_mut(&step.entry.event().id) else { return Written::Stale };
        if row.event.state != step.from {
            return Written::Stale;
        }
        row.become_of(step.entry.event().clone());
        self.books.write(step.entry.changes());
        Written::Applied
    }

    /// Returns the selected events to which `action` applies, in the order of recording.
    pub(super) fn events_for(&self, action: OperatorAction, which: &Selection) -> Vec<Event> {
        let selected = self.in_order().filter(|it| {
            let by_operator = State::Ignored(IgnoredReason::ByOperator);
            let can = match (action, it.event.state) {
                (OperatorAction::Reprocess, State::Ignored(_)) => it.event.state == by_operator,
                (OperatorAction::Reprocess, State::AwaitingObject { .. }) => false,
                (OperatorAction::Reprocess, State::Processed | State::Dead(_)) => true,
                (OperatorAction::Ignore, State::AwaitingObject { .. } | State::Dead(_)) => true,
                (OperatorAction::Ignore, State::Processed | State::Ignored(_)) => false,
            };
            can && (which.ids.is_empty() || which.ids.contains(&it.event.id))
        });
        selected.map(|it| it.event.clone()).collect()
    }

    /// Ignores the selected events and returns their number.
    pub(super) fn ignore(&mut self, which: &Selection) -> u64 {
        let ignored = self.events_for(OperatorAction::Ignore, which);
        let state = State::Ignored(IgnoredReason::ByOperator);
        for event in &ignored {
            if let Some(row) = self.rows.get_mut(&event.id) {
                row.become_of(Event { state, ..event.clone() });
            }
        }
        ignored.len() as u64
    }

    /// Returns the events whose object is due at `now`, in the order of recording.
    pub(super) fn awaiting_object(&self, limit: u32, now: UnixSeconds) -> Vec<AwaitingObject> {
        let due = self
            .in_order()
            .filter(|it| it.awaits_object() && it.postponed.is_none_or(|(_, at)| at <= now));
        let awaiting = |it: &Row| AwaitingObject {
            event: it.event.clone(),
            attempts: it.postponed.map_or(0, |(attempts, _)| attempts),
        };
        due.take(limit as usize).map(awaiting).collect()
    }

    pub(super) fn postpone(&mut self, id: &EventId, at: UnixSeconds) -> Written {
        let row = self.rows.get_mut(id).filter(|it| it.awaits_object());
        let Some(row) = row else { return Written::Stale };
        row.postponed = Some((row.postponed.map_or(0, |(attempts, _)| attempts) + 1, at));
        Written::Applied
    }

    pub(super) fn backlog(&self) -> Backlog {
        let count = |name| self.events().filter(|it| it.state.name() == name).count() as u64;
        let (dead, awaiting_object) = (count("dead"), count("awaiting_object"));
        Backlog { dead, awaiting_object, acknowledged: 0 }
    }

    /// Returns the events, sorted by id.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.rows.values().map(|it| &it.event)
    }

    fn in_order(&self) -> impl Iterator<Item = &Row> {
        let mut rows: Vec<_> = self.rows.values().collect();
        rows.sort_by_key(|it| it.place);
        rows.into_iter()
    }
}

impl Row {
    /// Replaces an event. Its attempts to fetch are kept only while it awaits its object.
    fn become_of(&mut self, event: Event) {
        self.event = event;
        self.postponed = None;
    }

    fn awaits_object(&self) -> bool {
        matches!(self.event.state, State::AwaitingObject { .. })
    }
}
