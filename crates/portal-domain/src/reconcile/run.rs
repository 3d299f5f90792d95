//! The progress of a reconciliation.

use serde::{Deserialize, Serialize};

use super::compare::Expected;
use crate::ids::{EventId, ObjectId};
use crate::report::{Difference, FINDINGS_MAX, Report};
use crate::stripe::{List, Resource, Window};
use crate::time::UnixSeconds;

/// One reconciliation of one window. It is saved between its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub(super) scope: Scope,
    pub(super) phase: Phase,
    /// The findings so far. Its window is the run's.
    pub report: Report,
    /// The second that the present phase has reached, for a progress display.
    pub(super) reached: UnixSeconds,
    /// The beginning of the events to list: earlier than the window's, or later if Stripe does not
    /// list them any more.
    pub(super) events_since: UnixSeconds,
    /// The time of the oldest event that should have been delivered and was not.
    pub oldest_missed: Option<UnixSeconds>,
    /// The time of the newest of these.
    pub newest_missed: Option<UnixSeconds>,
    /// The newest event that Stripe has listed and that had been delivered.
    pub newest_delivered: Option<UnixSeconds>,
    /// The differences that are to be checked again, with the expected donation.
    pub(super) mismatches: Vec<Mismatch>,
    /// Payments that were counted by themselves and belong to an invoice.
    pub(super) twice: Vec<ObjectId>,
}

/// The extent of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The events about money.
    Poll,
    /// All events, then the objects, with a report.
    Full,
}

/// The present phase of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Events(EventScan),
    /// Objects are listed and compared with the ledger.
    Objects {
        list: List,
        /// The last object of the previous page.
        after: Option<ObjectId>,
    },
    /// The invoices of these payments are looked up; then the list continues.
    Invoiced {
        /// The last object of their page; `None` if it was the last page.
        after: Option<ObjectId>,
        /// The payments with their differences.
        payments: Vec<Mismatch>,
    },
    /// Donations of the ledger are looked up one by one.
    Ledger(LookupQueue),
    /// The differences are checked once more.
    Last,
    Ended,
}

impl Run {
    /// Returns a run over the events about money in `window`.
    #[must_use]
    pub fn poll(window: Window, livemode: bool, now: UnixSeconds) -> Self {
        Self::new(Scope::Poll, window, window.since, livemode, now)
    }

    /// Returns a run that compares everything that Stripe shows of `window`; events are listed from
    /// `events_since`.
    #[must_use]
    pub fn full(
        window: Window,
        events_since: UnixSeconds,
        livemode: bool,
        now: UnixSeconds,
    ) -> Self {
        Self::new(Scope::Full, window, events_since, livemode, now)
    }

    fn new(
        scope: Scope,
        window: Window,
        events_since: UnixSeconds,
        livemode: bool,
        now: UnixSeconds,
    ) -> Self {
        let scan = EventScan::new(events_since, now);
        Self {
            scope,
            reached: scan.from,
            events_since: scan.from,
            phase: Phase::Events(scan),
            report: Report::new(window, livemode),
            oldest_missed: None,
            newest_missed: None,
            newest_delivered: None,
            mismatches: Vec::new(),
            twice: Vec::new(),
        }
    }

    /// Returns the extent of the run.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Returns the resource of the present phase, and the finished thousandths of it, if known.
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

    /// True if there is nothing left to do.
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
            // Without the list nearly every donation would have to be looked up.
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

    pub(super) fn recheck(&mut self, mismatch: Mismatch) {
        if self.mismatches.len() < FINDINGS_MAX {
            self.mismatches.push(mismatch);
        } else {
            self.report.found(mismatch.expected.id, mismatch.difference, false);
        }
    }

    pub(super) fn will_recheck(&self, donation: &ObjectId) -> bool {
        self.mismatches.iter().any(|it| it.expected.id == *donation)
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

/// The donations of the ledger that are to be looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LookupQueue {
    pub(super) which: LookedUp,
    /// The payment time and id of the last donation that was looked up.
    pub(super) last: Option<(UnixSeconds, ObjectId)>,
    /// The next donations, in reverse order.
    pub(super) ahead: Vec<(UnixSeconds, ObjectId)>,
    pub(super) looked_up: u32,
}

/// A selection of donations of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LookedUp {
    /// Those of the window that Stripe's lists have not shown.
    Unconfirmed,
    /// Those that are not paid yet, of any age.
    Pending,
    /// Those of which it is unknown if they belong to an invoice, of any age.
    Provisional,
}

/// The position of a scan through the events, from the oldest to the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventScan {
    /// The index of the group of types.
    pub(super) group: usize,
    /// All events before this second have been read.
    pub(super) from: UnixSeconds,
    pub(super) step: ScanStep,
}

/// The next step of a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScanStep {
    /// Search for the oldest events within this number of seconds.
    Seconds(i64),
    /// Read the events of one second that do not fit a page, from this one on.
    Second(EventId),
    /// Read the events after this one, which is recorded.
    Newer(EventId),
    /// Read in the list's own order, without types, from this one on: for an API that supports
    /// nothing else.
    Plain(Option<EventId>),
}

/// A donation that differed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mismatch {
    /// The expected donation.
    pub(super) expected: Expected,
    pub(super) difference: Difference,
}
