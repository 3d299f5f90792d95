//! The model's inbox.

use std::collections::BTreeMap;

use portal_domain::{
    AwaitingObject, Backlog, Entry, Event, EventId, IgnoredReason, OperatorAction, Recorded,
    Reprocess, Selection, State, UnixSeconds, Written,
};

use super::books::Books;

/// The events that were delivered, and the ledger of what they changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    rows: BTreeMap<EventId, Row>,
    pub(super) books: Books,
}

#[derive(Clone, Debug)]
struct Row {
    event: Event,
    /// The how manieth event it is.
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

    /// The selected events that can take `action`, in the order in which they came.
    pub(super) fn events_for(&self, action: OperatorAction, which: &Selection) -> Vec<Event> {
        let selected = self.in_order().filter(|it| {
            let by_operator = State::Ignored(IgnoredReason::ByOperator);
            let can = match (action, it.event.state) {
                (OperatorAction::Reprocess, State::Ignored(_)) => it.event.state == by_operator,
                (OperatorAction::Reprocess, state) => state != State::AwaitingObject,
                (OperatorAction::Ignore, State::AwaitingObject | State::Dead(_)) => true,
                (OperatorAction::Ignore, State::Processed | State::Ignored(_)) => false,
            };
            can && (which.ids.is_empty() || which.ids.contains(&it.event.id))
        });
        selected.map(|it| it.event.clone()).collect()
    }

    /// Tells how many events had an effect or would have had one.
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

    /// The events that are due to be fetched at `now`, in the order in which they came.
    pub(super) fn awaiting_object(&self, limit: u32, now: UnixSeconds) -> Vec<AwaitingObject> {
        let due = self.in_order().filter(|it| {
            it.event.state == State::AwaitingObject && it.postponed.is_none_or(|(_, at)| at <= now)
        });
        let awaiting = |it: &Row| AwaitingObject {
            event: it.event.clone(),
            attempts: it.postponed.map_or(0, |(attempts, _)| attempts),
        };
        due.take(limit as usize).map(awaiting).collect()
    }

    pub(super) fn postpone(&mut self, id: &EventId, at: UnixSeconds) -> Written {
        let row = self.rows.get_mut(id).filter(|it| it.event.state == State::AwaitingObject);
        let Some(row) = row else { return Written::Stale };
        row.postponed = Some((row.postponed.map_or(0, |(attempts, _)| attempts) + 1, at));
        Written::Applied
    }

    pub(super) fn backlog(&self) -> Backlog {
        let count = |name| self.events().filter(|it| it.state.name() == name).count() as u64;
        Backlog { dead: count("dead"), awaiting_object: count("awaiting_object") }
    }

    /// By id.
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
    /// The attempts to fetch its object count as long as it awaits it.
    fn become_of(&mut self, event: Event) {
        self.event = event;
        self.postponed = None;
    }
}
