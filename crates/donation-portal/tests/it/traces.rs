//! Traces: a collector gets spans of what the server does, and nothing of what was sent to it.

use std::time::Duration;

use serde_json::Value;

use crate::support::Result;
use crate::support::channel::{Channel, Mood};
use crate::support::clock::wait_for;
use crate::support::event::{dispute, payment, signature};
use crate::support::home::{PROGRAM, TestHome};
use crate::support::http::WEBHOOK;
use crate::support::server::Server;

const SOON: Duration = Duration::from_secs(30);

/// A word that comes from outside, wherever a sender can put one.
const CANARY: &str = "canary";

/// Returns all spans that the collector has taken.
fn spans(collector: &Channel) -> Vec<Value> {
    let scopes =
        collector.taken().into_iter().map(|it| it["resourceSpans"][0]["scopeSpans"][0].clone());
    scopes.flat_map(|it| it["spans"].as_array().cloned().unwrap_or_default()).collect()
}

/// Returns the text of an attribute of a span.
fn attribute<'s>(span: &'s Value, key: &str) -> Option<&'s str> {
    let all = span["attributes"].as_array()?;
    let of_key = all.iter().find(|it| it["key"] == format!("donation_portal.{key}"))?;
    let value = &of_key["value"];
    value["stringValue"].as_str().or_else(|| value["intValue"].as_str())
}

#[test]
fn a_collector_gets_spans_and_no_word_from_outside() -> Result {
    let (collector, slack) = (Channel::open(Mood::Well)?, Channel::open(Mood::Well)?);
    let home = TestHome::new()?;
    let mut serve = home.configured(PROGRAM, &["serve"]);
    serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.base()).env("OTEL_TRACES_SAMPLER_ARG", "1");
    let server = Server::start(serve.env("SLACK_WEBHOOK_URL", slack.url()))?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    assert_eq!(server.deliver(dispute("evt_2", "needs_response", 1_790_000_000))?.status, 200);
    let body = payment("evt_3").replace("payment_intent.succeeded", "canary.happened");
    let (signed, length) = (signature(body.as_bytes())?, body.len());
    let traced = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    let said = server.say(format!(
        "POST {WEBHOOK}?{CANARY} HTTP/1.1\r\nHost: {CANARY}\r\nUser-Agent: {CANARY}\r\n{traced}\
         Stripe-Signature: {signed}\r\nContent-Length: {length}\r\n\r\n{body}"
    ))?;
    assert_eq!(said.map(|it| it.status), Some(200));
    assert_eq!(server.post(CANARY, Some(CANARY))?.status, 400);
    let spans = wait_for("the spans", SOON, || {
        let spans = spans(&collector);
        let has =
            |name: &str, number| spans.iter().filter(|it| it["name"] == name).count() >= number;
        let whole =
            has("POST /api/webhooks/stripe", 4) && has("record", 3) && has("notify slack-1", 1);
        Ok(whole.then_some(spans))
    })?;
    let deliveries = spans.iter().filter(|it| it["kind"] == 2);
    let seen: Vec<_> = deliveries
        .map(|it| ["outcome", "reason", "event.type"].map(|key| attribute(it, key)))
        .collect();
    assert_eq!(
        seen,
        [
            [Some("recorded"), None, Some("payment_intent.succeeded")],
            [Some("recorded"), None, Some("charge.dispute.updated")],
            [Some("recorded"), None, Some("other")],
            [Some("rejected"), Some("malformed_header"), None],
        ]
    );
    let record = spans.iter().find(|it| it["name"] == "record").unwrap();
    assert_eq!(attribute(record, "events"), Some("1"));
    let notify = spans.iter().find(|it| it["name"] == "notify slack-1").unwrap();
    assert_eq!((attribute(notify, "result"), &notify["kind"]), (Some("done"), &3.into()));
    for span in &spans {
        let time = |key: &str| span[key].as_str().and_then(|it| it.parse::<u64>().ok()).unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span}");
        assert_eq!(span["traceId"].as_str().map(str::len), Some(32), "{span}");
        assert_ne!(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
    }
    for request in collector.requests() {
        assert!(request.head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{}", request.head);
        let body = String::from_utf8(request.body)?;
        assert!(
            !body.contains(CANARY) && !body.contains("evt_") && !body.contains("/notifications"),
            "{body}"
        );
    }
    server.stop().map(drop)
}

#[test]
fn without_a_collector_nothing_is_sent_and_one_that_hangs_delays_no_delivery() -> Result {
    let collector = Channel::open(Mood::Hangs)?;
    let home = TestHome::new()?;
    let mut serve = home.configured(PROGRAM, &["serve"]);
    serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.base()).env("OTEL_TRACES_SAMPLER_ARG", "1");
    let server = Server::start(&mut serve)?;
    for number in 0..20 {
        assert_eq!(server.deliver(payment(&format!("evt_{number}")))?.status, 200);
    }
    server.stop()?;
    let home = TestHome::new()?;
    for wrong in
        ["collector:4318", "http://user@collector", "http://collector/v1", "ftp://collector"]
    {
        let mut serve = home.configured(PROGRAM, &["serve"]);
        let output = serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", wrong).output()?;
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    for wrong in ["0", "0.0", "2", "1.5", "-0.1", "0.", "x"] {
        let mut serve = home.configured(PROGRAM, &["serve"]);
        let output = serve.env("OTEL_TRACES_SAMPLER_ARG", wrong).output()?;
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    Ok(())
}
