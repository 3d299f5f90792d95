//! The model's inbox.

use std::collections::BTreeMap;

use portal_domain::settle::lease_of;
use portal_domain::{
    Backlog, Claimed, Event, EventId, IgnoredReason, Lease, Payload, Recorded, Remedy, Settled,
    Settlement, State, Supplied, UnixSeconds, Verdict,
};

use super::books::Books;

/// The events that were delivered, and the ledger of those that were settled.
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
    /// The last claim that is still good for something.
    lease: Option<Lease>,
    /// The greatest number that a claim has had.
    leases: Option<Lease>,
    due_at: UnixSeconds,
    /// How often it could not be fetched, and when it is due to be fetched again.
    postponed: Option<(u32, UnixSeconds)>,
}

impl Inbox {
    pub(super) fn deliver(&mut self, event: &Event) -> Recorded {
        if self.rows.contains_key(&event.id) {
            return Recorded::Duplicate;
        }
        let place = self.rows.len();
        let row = Row {
            event: event.clone(),
            place,
            lease: None,
            leases: None,
            due_at: event.received_at,
            postponed: None,
        };
        self.rows.insert(event.id.clone(), row);
        Recorded::New
    }

    /// Takes over which events were claimed, if a store may claim just those.
    pub(super) fn claimed(&mut self, claimed: &[Claimed], limit: u32, now: UnixSeconds) {
        let taken: Vec<_> = claimed.iter().map(|it| it.event.id.clone()).collect();
        self.taken(&taken, limit, now);
        for it in claimed {
            let row = self.row(&it.event.id);
            assert_eq!(it.event, row.event);
            assert!(Some(it.lease) > row.leases, "{:?} after {:?}", it.lease, row.leases);
            row.lease = Some(it.lease);
            row.leases = row.lease;
        }
    }

    /// The same where nobody tells the lease any more.
    pub(super) fn taken(&mut self, taken: &[EventId], limit: u32, now: UnixSeconds) {
        let first: Vec<_> = self.due(now).into_iter().take(limit as usize).collect();
        assert_eq!(taken, first, "not what came first");
        for id in taken {
            let row = self.row(id);
            row.event.attempts += 1;
            row.lease = None;
            row.due_at = now.after(lease_of(row.event.attempts));
        }
    }

    /// What is due at `now`, in the order in which it came.
    pub(super) fn due(&self, now: UnixSeconds) -> Vec<EventId> {
        let due = |it: &&Row| it.event.state == State::Pending && it.due_at <= now;
        let mut due: Vec<_> = self.rows.values().filter(due).collect();
        due.sort_by_key(|it| it.place);
        due.into_iter().map(|it| it.event.id.clone()).collect()
    }

    pub(super) fn settle(&mut self, settlement: &Settlement) -> Settled {
        let Some(row) = self.rows.get_mut(&settlement.event) else { return Settled::Stale };
        if row.event.state != State::Pending || row.lease != Some(settlement.lease) {
            return Settled::Stale;
        }
        match &settlement.verdict {
            Verdict::Done(changes) => {
                row.leave(State::Done);
                self.books.write(changes);
            }
            Verdict::Retry { at } => row.due_at = *at,
            Verdict::Dead { reason, .. } => row.leave(State::Dead(*reason)),
        }
        Settled::Applied
    }

    /// What was claimed and settled in one go.
    pub(super) fn settle_claimed(&mut self, settlement: &Settlement) {
        self.row(&settlement.event).lease = Some(settlement.lease);
        assert_eq!(self.settle(settlement), Settled::Applied);
    }

    /// Applies `remedy` to the events that `which` lets through; tells how many could take it.
    pub(super) fn apply(
        &mut self,
        remedy: Remedy,
        which: impl Fn(&Event) -> bool,
        now: UnixSeconds,
    ) -> u64 {
        let mut changed = 0;
        for row in self.rows.values_mut().filter(|it| which(&it.event)) {
            let by_operator = State::Ignored(IgnoredReason::ByOperator);
            let state = row.event.state;
            match remedy {
                Remedy::Retry
                    if matches!(state, State::Pending | State::Done | State::Dead(_))
                        || state == by_operator =>
                {
                    let waits = row.event.payload == Payload::Thin && row.event.facts.is_none();
                    row.event.state = if waits { State::Waiting } else { State::Pending };
                    row.event.attempts = 0;
                    row.lease = None;
                    row.due_at = now;
                }
                Remedy::Ignore
                    if matches!(state, State::Pending | State::Waiting | State::Dead(_)) =>
                {
                    row.leave(by_operator);
                }
                Remedy::Retry | Remedy::Ignore => continue,
            }
            changed += 1;
        }
        changed
    }

    /// What is due to be fetched at `now`, in the order in which it came.
    pub(super) fn waiting(&self, limit: u32, now: UnixSeconds) -> Vec<Event> {
        let due = |it: &&Row| {
            it.event.state == State::Waiting && it.postponed.is_none_or(|(_, at)| at <= now)
        };
        let mut due: Vec<_> = self.rows.values().filter(due).collect();
        due.sort_by_key(|it| it.place);
        let event = |it: &Row| {
            let attempts = it.postponed.map_or(0, |(attempts, _)| attempts);
            Event { attempts, ..it.event.clone() }
        };
        due.into_iter().take(limit as usize).map(event).collect()
    }

    pub(super) fn supply(
        &mut self,
        id: &EventId,
        supplied: &Supplied,
        now: UnixSeconds,
    ) -> Settled {
        let row = self.row(id);
        if row.event.state != State::Waiting {
            return Settled::Stale;
        }
        match supplied {
            Supplied::Object { facts, at } => {
                row.leave(State::Pending);
                row.event.object_id = facts.object_id().cloned();
                row.event.facts = Some(facts.clone());
                row.event.fetched_at = Some(*at);
                row.due_at = now;
            }
            Supplied::Later { at } => {
                let attempts = row.postponed.map_or(0, |(attempts, _)| attempts);
                row.postponed = Some((attempts + 1, *at));
            }
            Supplied::Dead { reason, .. } => row.leave(State::Dead(*reason)),
            Supplied::Ignored(reason) => row.leave(State::Ignored(*reason)),
        }
        Settled::Applied
    }

    pub(super) fn backlog(&self, now: UnixSeconds) -> Backlog {
        let count = |name| self.events().filter(|it| it.state.name() == name).count() as u64;
        let pending = self.rows.values().filter(|it| it.event.state == State::Pending);
        let overdue = pending.map(|it| now.since(it.due_at)).max();
        Backlog {
            pending: count("pending"),
            overdue_seconds: overdue.unwrap_or(0).max(0),
            dead: count("dead"),
            waiting: count("waiting"),
        }
    }

    /// By id.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.rows.values().map(|it| &it.event)
    }

    fn row(&mut self, id: &EventId) -> &mut Row {
        let row = self.rows.get_mut(id);
        row.unwrap_or_else(|| unreachable!("{id} was claimed and never delivered"))
    }
}

impl Row {
    /// It is not pending any more, or does not wait any more.
    fn leave(&mut self, state: State) {
        self.event.state = state;
        self.event.attempts = 0;
        self.postponed = None;
    }
}
