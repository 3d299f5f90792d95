//! Traces: spans for an OpenTelemetry collector, by OTLP over HTTP with JSON
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>).
//!
//! Each span is a trace of its own. What Stripe sends decides nothing of it: not its id, not whether it
//! is sampled, and no word in it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use portal_domain::Chance as _;
use portal_outbound::{HttpTransport, Transport as _};
use portal_service::metrics::Counts;
use portal_service::trace::{EndedWork, Trace};
use serde_json::{Value, json};

use crate::chance::SystemChance;
use crate::clock::unix_nanos;

/// The most spans that wait for the collector: some megabytes. Further ones are dropped and counted.
const WAITING_MAX: usize = 4096;

/// The most spans in one request.
const BATCH_MAX: usize = 512;

/// The time that the collector has to take a request.
const DEADLINE: Duration = Duration::from_secs(10);

/// The beginning of the keys of our attributes.
const PREFIX: &str = "donation_portal";

/// The kinds of spans, by OTLP's numbers.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// The settings of traces.
pub(crate) struct TraceConfig {
    /// The collector's URL without a path.
    pub(crate) collector: String,
    /// Of so many deliveries one is traced, and of so many writes.
    pub(crate) one_of: u64,
}

/// Keeps spans until a thread has sent them.
pub(crate) struct SpanExporter {
    url: String,
    one_of: u64,
    /// Counted apart: a delivery that is alone always ends right after its write.
    deliveries: AtomicU64,
    writes: AtomicU64,
    waiting: Mutex<Vec<Value>>,
    transport: HttpTransport,
}

impl SpanExporter {
    pub(crate) fn new(config: &TraceConfig) -> Self {
        Self {
            url: format!("{}/v1/traces", config.collector.trim_end_matches('/')),
            one_of: config.one_of,
            deliveries: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            waiting: Mutex::default(),
            transport: HttpTransport::new(DEADLINE),
        }
    }

    /// Sends what waits. What the collector does not take is dropped, and counted by `counts`.
    pub(crate) async fn tick(&self, counts: &Counts) {
        loop {
            let spans = self.take();
            if spans.is_empty() {
                return;
            }
            let (number, body) = (spans.len(), request(&spans).to_string());
            let answer = self.transport.post(&self.url, body.as_bytes()).await;
            if !answer.is_ok_and(|it| (200..300).contains(&it.status)) {
                counts.spans_dropped(number);
                return;
            }
        }
    }

    fn take(&self) -> Vec<Value> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let number = waiting.len().min(BATCH_MAX);
        waiting.drain(..number).collect()
    }

    /// Deliveries and writes are many, and each tells the same; all else is rare.
    fn is_sampled(&self, work: &EndedWork<'_>) -> bool {
        let seen = match work {
            EndedWork::Delivery { .. } => &self.deliveries,
            EndedWork::Record { .. } => &self.writes,
            EndedWork::Notify { .. } | EndedWork::Read { .. } => return true,
        };
        seen.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.one_of)
    }
}

impl Trace for SpanExporter {
    fn ended(&self, work: &EndedWork<'_>, took: Duration) -> bool {
        if !self.is_sampled(work) {
            return true;
        }
        let span = span(work, took);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = waiting.len() < WAITING_MAX;
        if has_room {
            waiting.push(span);
        }
        has_room
    }
}

/// Returns the span of work that has just ended.
fn span(work: &EndedWork<'_>, took: Duration) -> Value {
    let (name, kind, failed, attributes) = match work {
        EndedWork::Delivery { outcome, reason, event_type } => {
            let words = [
                ("outcome", Some(outcome.name())),
                ("reason", *reason),
                ("event.type", *event_type),
            ];
            ("POST /api/webhooks/stripe".to_owned(), SERVER, reason.is_some(), texts(words))
        }
        EndedWork::Record { events } => {
            let number = json!({ "key": format!("{PREFIX}.events"), "value": { "intValue": events.to_string() } });
            ("record".to_owned(), INTERNAL, false, vec![number])
        }
        EndedWork::Notify { channel, result } => (
            format!("notify {channel}"),
            CLIENT,
            *result != "done",
            texts([("result", Some(result))]),
        ),
        EndedWork::Read { resource, result } => (
            format!("GET {resource}"),
            CLIENT,
            *result != "done",
            texts([("result", Some(result))]),
        ),
    };
    let end = unix_nanos();
    let start = end.saturating_sub(took.as_nanos());
    let random = || format!("{:016x}", SystemChance.number());
    json!({
        "traceId": random() + &random(),
        "spanId": random(),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": start.to_string(),
        "endTimeUnixNano": end.to_string(),
        "attributes": attributes,
        // 2 is an error, 0 says nothing.
        "status": { "code": if failed { 2 } else { 0 } },
    })
}

fn texts<const N: usize>(words: [(&str, Option<&str>); N]) -> Vec<Value> {
    let known = words.into_iter().filter_map(|(key, word)| Some((key, word?)));
    known.map(|(key, word)| text(&format!("{PREFIX}.{key}"), word)).collect()
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn request(spans: &[Value]) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let resource = [text("service.name", "donation-portal"), text("service.version", version)];
    let scope = json!({ "name": "donation-portal", "version": version });
    json!({
        "resourceSpans": [{
            "resource": { "attributes": resource },
            "scopeSpans": [{ "scope": scope, "spans": spans }],
        }],
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portal_domain::AnswerOutcome;
    use portal_service::trace::{EndedWork, Trace as _};

    use super::{SERVER, SpanExporter, TraceConfig, WAITING_MAX};

    #[test]
    fn what_has_no_room_is_refused_and_of_deliveries_a_share_is_kept() {
        let config = TraceConfig { collector: "http://127.0.0.1:1".into(), one_of: 100 };
        let exporter = SpanExporter::new(&config);
        let (outcome, reason, event_type) = (AnswerOutcome::Recorded, None, None);
        let delivery = EndedWork::Delivery { outcome, reason, event_type };
        for _ in 0..1000 {
            // As they come when each is alone in its write.
            assert!(exporter.ended(&EndedWork::Record { events: 1 }, Duration::ZERO));
            assert!(exporter.ended(&delivery, Duration::ZERO));
        }
        let spans = exporter.waiting.lock().unwrap().clone();
        let deliveries = spans.iter().filter(|it| it["kind"] == SERVER).count();
        assert_eq!((deliveries, spans.len()), (10, 20));
        let notify = EndedWork::Notify { channel: "slack-1", result: "done" };
        for _ in 20..WAITING_MAX {
            assert!(exporter.ended(&notify, Duration::ZERO));
        }
        assert!(!exporter.ended(&notify, Duration::ZERO));
    }
}
