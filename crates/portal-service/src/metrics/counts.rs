//! The counts of one process since its start.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use portal_domain::event_types::{EVENT_TYPES, EventGroup, EventTypeRow};
use portal_domain::{
    AnswerOutcome, Answered, Event, NotAnEvent, NotifyError, SignatureRefusal, StoreError,
    Unavailable,
};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::trace::{EndedWork, Trace};

/// The label of an event type that the table of types does not have.
const OTHER: &str = "other";

/// The delays from the creation of an event to its delivery that are told apart, in seconds. Stripe
/// repeats a delivery for three days.
const DELAYS: [f64; 9] = [1.0, 5.0, 15.0, 60.0, 600.0, 3600.0, 10_800.0, 86_400.0, 259_200.0];

/// The times of writes that are told apart, in seconds: from a fast disk to the deadline of a delivery.
const WRITES: [f64; 10] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The numbers of events in one write that are told apart, up to the length of the queue.
const BATCHES: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1024.0];

/// The times of reads at Stripe that are told apart, in seconds: each is tried three times.
const READS: [f64; 7] = [0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 90.0];

/// The result of what succeeded.
pub(super) const DONE: &str = "done";

type Counters<const N: usize> = Family<[(&'static str, &'static str); N], Counter>;

/// The counts of one process. Counting a delivery takes four atomic additions and a short lock.
pub struct Counts {
    deliveries: Counters<2>,
    recorded: Counter,
    duplicate: Counter,
    events: Counters<1>,
    /// Those of `events` in the order of [`EVENT_TYPES`], and the one of all other types.
    by_type: (Vec<Counter>, Counter),
    delay: Histogram,
    reconciled: Counter,
    write_time: Histogram,
    write_events: Histogram,
    notifications: Family<[(&'static str, String); 2], Counter>,
    reads: Counters<2>,
    read_time: Histogram,
    operator_requests: Counters<2>,
    operator_actions: Counters<2>,
    spans_dropped: Counter,
    trace: OnceLock<Arc<dyn Trace>>,
}

impl Default for Counts {
    fn default() -> Self {
        let (deliveries, events) = (Counters::default(), Counters::default());
        let accepted = |outcome: AnswerOutcome| {
            deliveries.get_or_create_owned(&[("outcome", outcome.name()), ("reason", "")])
        };
        // A series that begins with its first event has no increase to show of it.
        for (outcome, reasons) in [
            (AnswerOutcome::Rejected, &[SignatureRefusal::NAMES, NotAnEvent::NAMES][..]),
            (AnswerOutcome::Unavailable, &[Unavailable::NAMES, StoreError::NAMES]),
        ] {
            // `store` stands for the names of all errors of a store.
            for reason in reasons.concat().into_iter().filter(|it| *it != "store") {
                deliveries.get_or_create_owned(&[("outcome", outcome.name()), ("reason", reason)]);
            }
        }
        let of_type = |name| events.get_or_create_owned(&[("type", name)]);
        Self {
            recorded: accepted(AnswerOutcome::Recorded),
            duplicate: accepted(AnswerOutcome::Duplicate),
            by_type: (
                EVENT_TYPES.iter().map(|it| of_type(series_of(it))).collect(),
                of_type(OTHER),
            ),
            deliveries,
            events,
            delay: Histogram::new(DELAYS),
            reconciled: Counter::default(),
            write_time: Histogram::new(WRITES),
            write_events: Histogram::new(BATCHES),
            notifications: Family::default(),
            reads: Counters::default(),
            read_time: Histogram::new(READS),
            operator_requests: Counters::default(),
            operator_actions: Counters::default(),
            spans_dropped: Counter::default(),
            trace: OnceLock::new(),
        }
    }
}

impl Counts {
    /// Lets everything that is counted from now on be traced as well.
    pub fn trace_by(&self, trace: Arc<dyn Trace>) {
        // There is one for a process.
        self.trace.set(trace).ok();
    }

    /// Counts spans that nobody got.
    pub fn spans_dropped(&self, number: usize) {
        self.spans_dropped.inc_by(number as u64);
    }

    pub(crate) fn answered(&self, answered: &Answered<'_>) {
        let Answered { outcome, reason, event, elapsed } = *answered;
        match outcome {
            AnswerOutcome::Recorded => self.recorded.inc(),
            AnswerOutcome::Duplicate => self.duplicate.inc(),
            AnswerOutcome::Rejected | AnswerOutcome::Unavailable => {
                let labels = [("outcome", outcome.name()), ("reason", reason.unwrap_or_default())];
                self.deliveries.get_or_create(&labels).inc()
            }
        };
        let place = event.and_then(place);
        if let Some(event) = event.filter(|_| outcome == AnswerOutcome::Recorded) {
            self.recorded(event, place);
        }
        let name = || place.and_then(|it| EVENT_TYPES.get(it)).map_or(OTHER, |it| it.name);
        let event_type = event.map(|_| name());
        self.ended(&EndedWork::Delivery { outcome, reason, event_type }, elapsed);
    }

    fn ended(&self, work: &EndedWork<'_>, took: Duration) {
        if self.trace.get().is_some_and(|it| !it.ended(work, took)) {
            self.spans_dropped.inc();
        }
    }

    fn recorded(&self, event: &Event, place: Option<usize>) {
        let (known, other) = &self.by_type;
        place.and_then(|it| known.get(it)).unwrap_or(other).inc();
        let seconds = event.received_at.since(event.created).max(0);
        self.delay.observe(Duration::from_secs(seconds.unsigned_abs()).as_secs_f64());
    }

    pub(crate) fn reconciled(&self, events: u64) {
        self.reconciled.inc_by(events);
    }

    /// Counts a write of so many events to the store.
    pub fn written(&self, events: usize, took: Duration) {
        self.write_time.observe(took.as_secs_f64());
        self.write_events.observe(u32::try_from(events).unwrap_or(u32::MAX).into());
        self.ended(&EndedWork::Record { events }, took);
    }

    /// Begins the series of a channel.
    pub(crate) fn channel(&self, name: &str) {
        for result in NotifyError::NAMES.iter().chain(&[DONE]) {
            let labels = [("channel", name.to_owned()), ("result", (*result).to_owned())];
            self.notifications.get_or_create_owned(&labels);
        }
    }

    pub(crate) fn notified(&self, channel: &str, result: &'static str, took: Duration) {
        self.ended(&EndedWork::Notify { channel, result }, took);
        let labels = [("channel", channel.to_owned()), ("result", result.to_owned())];
        self.notifications.get_or_create(&labels).inc();
    }

    pub(crate) fn read(&self, resource: &'static str, result: &'static str, took: Duration) {
        // Why a read failed is in its log line: for each resource it would be a hundred series.
        let done = if result == DONE { DONE } else { "failed" };
        self.reads.get_or_create(&[("resource", resource), ("result", done)]).inc();
        self.read_time.observe(took.as_secs_f64());
        self.ended(&EndedWork::Read { resource, result }, took);
    }

    /// Counts an answer to an operator or a program, by the part of the console that it is of.
    pub fn operator_request(&self, surface: &'static str, status: &'static str) {
        self.operator_requests.get_or_create(&[("surface", surface), ("status", status)]).inc();
    }

    /// Counts what came of an operator's action.
    pub fn operator_action(&self, action: &'static str, result: &'static str) {
        self.operator_actions.get_or_create(&[("action", action), ("result", result)]).inc();
    }

    pub(super) fn register(&self, to: &mut Registry) {
        // The names of counters get `_total`.
        let counts = [
            ("deliveries", "Deliveries by their answer", &self.deliveries),
            ("stripe_reads", "Reads at Stripe's API", &self.reads),
            ("operator_requests", "Requests to the operator listener", &self.operator_requests),
            ("operator_actions", "Actions of operators by console and API", &self.operator_actions),
        ];
        for (name, help, family) in counts {
            to.register(name, help, family.clone());
        }
        to.register("events_recorded", "Events delivered and new", self.events.clone());
        let help = "Spans that no collector got";
        to.register("spans_dropped", help, self.spans_dropped.clone());
        let help = "Events that Stripe had not delivered, recorded by reconciling";
        to.register("events_reconciled", help, self.reconciled.clone());
        to.register(
            "notifications",
            "Notifications by what came of them",
            self.notifications.clone(),
        );
        let times = [
            ("event_delay_seconds", "From the creation of an event to its delivery", &self.delay),
            ("write_duration_seconds", "Time of a write of events to the store", &self.write_time),
            ("write_batch_events", "Events in one write", &self.write_events),
            ("stripe_read_duration_seconds", "Time of a read at Stripe's API", &self.read_time),
        ];
        for (name, help, histogram) in times {
            to.register(name, help, histogram.clone());
        }
    }
}

/// Returns the place of an event's type in the table of types.
fn place(event: &Event) -> Option<usize> {
    let name = event.event_type.as_str();
    let name = name.strip_prefix("v1.").unwrap_or(name);
    EVENT_TYPES.iter().position(|it| it.name == name)
}

/// Returns the series of a type: a type that Stripe is not asked for has none of its own.
fn series_of(row: &EventTypeRow) -> &'static str {
    if row.group == EventGroup::Unlisted { OTHER } else { row.name }
}
