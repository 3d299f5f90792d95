//! How far a reconciliation has come.

use serde::{Deserialize, Serialize};

use super::compare::Expected;
use crate::ids::{EventId, ObjectId};
use crate::report::{Difference, FINDINGS_MAX, Report};
use crate::stripe::{List, Resource, Window};
use crate::time::UnixSeconds;

/// One reconciliation of one window. Written down between its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// How much is looked at.
    pub(super) scope: Scope,
    /// Where it is.
    pub(super) phase: Phase,
    /// What it has found so far. Its window is the run's.
    pub report: Report,
    /// The second that the present phase has come to, for who watches.
    pub(super) reached: UnixSeconds,
    /// From when on events are asked for; earlier than the window's beginning, or later where Stripe
    /// lists them no more.
    pub(super) events_since: UnixSeconds,
    /// When the oldest event happened that should have been delivered and was not.
    pub oldest_missed: Option<UnixSeconds>,
    /// When the newest of these happened.
    pub newest_missed: Option<UnixSeconds>,
    /// The newest event that Stripe has listed, where it had been delivered.
    pub newest_delivered: Option<UnixSeconds>,
    /// What differed when it was looked at, and what it should be.
    pub(super) unsure: Vec<Mismatch>,
    /// Payments that stood by themselves and belong to an invoice.
    pub(super) twice: Vec<ObjectId>,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The events that money depends on.
    Poll,
    /// All events, and then the objects; there is a report.
    Full,
}

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub(super) enum Phase {
    /// Events are listed.
    Events(EventScan),
    /// Objects are listed, and compared with the ledger.
    Objects {
        /// Which list.
        list: List,
        /// The last object of the page before.
        after: Option<ObjectId>,
    },
    /// Of these payments it is asked which invoice they belong to; then the list goes on.
    Invoiced {
        /// The last object of the page that they stand on; `None` where it was the last page.
        after: Option<ObjectId>,
        /// The payments, and what differed.
        payments: Vec<Mismatch>,
    },
    /// Donations of the ledger are looked up one by one.
    Ledger(LookupQueue),
    /// What differed is looked at once more.
    Last,
    /// There is nothing more to do.
    Ended,
}

impl Run {
    /// A look at the events of `window` that money depends on.
    #[must_use]
    pub fn poll(window: Window, livemode: bool, now: UnixSeconds) -> Self {
        Self::begun(Scope::Poll, window, window.since, livemode, now)
    }

    /// A comparison of all that Stripe shows of `window`; events are asked for from `events_since`
    /// on.
    #[must_use]
    pub fn full(
        window: Window,
        events_since: UnixSeconds,
        livemode: bool,
        now: UnixSeconds,
    ) -> Self {
        Self::begun(Scope::Full, window, events_since, livemode, now)
    }

    fn begun(
        scope: Scope,
        window: Window,
        events_since: UnixSeconds,
        livemode: bool,
        now: UnixSeconds,
    ) -> Self {
        let walk = EventScan::begun(events_since, now);
        Self {
            scope,
            reached: walk.from,
            events_since: walk.from,
            phase: Phase::Events(walk),
            report: Report::begun(window, livemode),
            oldest_missed: None,
            newest_missed: None,
            newest_delivered: None,
            unsure: Vec::new(),
            twice: Vec::new(),
        }
    }

    /// How much is looked at.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What is being looked at, and how many thousandths of it are done, where that can be told.
    #[must_use]
    pub fn progress(&self) -> (&'static str, Option<u64>) {
        let Window { since, until } = self.report.window;
        let part = |done: i64, all: i64| {
            u64::try_from(done.saturating_mul(1000) / all.max(1)).ok().map(|it| it.min(1000))
        };
        let back = until.since(self.reached);
        match &self.phase {
            Phase::Events(_) => (
                Resource::Events.name(),
                part(self.reached.since(self.events_since), until.since(self.events_since)),
            ),
            Phase::Objects { list, .. } => (list.resource().name(), part(back, until.since(since))),
            Phase::Invoiced { .. } => {
                (Resource::PaymentIntents.name(), part(back, until.since(since)))
            }
            Phase::Ledger(_) | Phase::Last => ("ledger", None),
            Phase::Ended => ("ended", Some(1000)),
        }
    }

    /// Whether there is nothing more to do.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    pub(super) fn after_events(&self) -> Phase {
        match self.scope {
            Scope::Poll => Phase::ledger(LookedUp::Provisional),
            Scope::Full => Phase::Objects { list: List::InvoicePayments, after: None },
        }
    }

    pub(super) fn after_list(&self, list: List) -> Phase {
        match list {
            List::InvoicePayments => Phase::Objects { list: List::Invoices, after: None },
            List::Invoices => Phase::Objects { list: List::PaymentIntents, after: None },
            List::PaymentIntents => Phase::Objects { list: List::Refunds, after: None },
            List::Refunds => Phase::Objects { list: List::Disputes, after: None },
            List::Disputes if self.has_seen_donations() => Phase::ledger(LookedUp::Unconfirmed),
            // Nearly everything would have to be looked up.
            List::Disputes => Phase::ledger(LookedUp::Pending),
        }
    }

    pub(super) fn after_ledger(&self, which: LookedUp) -> Phase {
        match which {
            LookedUp::Unconfirmed => Phase::ledger(LookedUp::Pending),
            LookedUp::Pending => Phase::ledger(LookedUp::Provisional),
            LookedUp::Provisional => Phase::Last,
        }
    }

    pub(super) fn unsure(&mut self, unsure: Mismatch) {
        if self.unsure.len() < FINDINGS_MAX {
            self.unsure.push(unsure);
        } else {
            self.report.found(unsure.due.id, unsure.difference, false);
        }
    }

    pub(super) fn is_unsure_of(&self, donation: &ObjectId) -> bool {
        self.unsure.iter().any(|it| it.due.id == *donation)
    }

    fn has_seen_donations(&self) -> bool {
        let lists = [Resource::InvoicePayments, Resource::Invoices, Resource::PaymentIntents];
        !self.report.unread.iter().any(|it| lists.contains(&it.resource))
    }
}

impl Phase {
    fn ledger(which: LookedUp) -> Self {
        Self::Ledger(LookupQueue { which, last: None, ahead: Vec::new(), looked_up: 0 })
    }
}

/// The donations of the ledger that are looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LookupQueue {
    /// Which of them.
    pub(super) which: LookedUp,
    /// The last one that was looked up: when it was paid, and its id.
    pub(super) last: Option<(UnixSeconds, ObjectId)>,
    /// Those to come, the next one last.
    pub(super) ahead: Vec<(UnixSeconds, ObjectId)>,
    /// How many were looked up.
    pub(super) looked_up: u32,
}

/// Which donations of the ledger are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LookedUp {
    /// Those of the window that Stripe's lists have not shown.
    Unconfirmed,
    /// Those that are not paid yet, from whenever.
    Pending,
    /// Those of which it is not known whether they belong to an invoice, from whenever.
    Provisional,
}

/// How a walk through the events goes on: from the oldest to the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventScan {
    /// Which group of types: an index.
    pub(super) group: usize,
    /// All before that second has been read.
    pub(super) from: UnixSeconds,
    /// How it goes on.
    pub(super) way: ScanStep,
}

/// How a walk through the events goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScanStep {
    /// Looking for the oldest events: of the next so many seconds.
    Seconds(i64),
    /// The events of one second, which do not fit a page, from this one on.
    Second(EventId),
    /// The events after this one, which is known.
    Newer(EventId),
    /// In whatever order the list has, without types, from this one on: for an API that takes
    /// nothing else.
    Plain(Option<EventId>),
}

/// A donation that differed when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mismatch {
    /// What it should be.
    pub(super) due: Expected,
    /// What was wrong.
    pub(super) difference: Difference,
}
