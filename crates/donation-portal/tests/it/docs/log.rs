//! The log lines and log queries of the documents.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use portal_domain::{Secret, UnixSeconds, sign};
use serde_json::{Value, json};

use crate::docs::markdown::{code_spans, commands, read};
use crate::docs::{RUNBOOKS, keys};
use crate::support::home::TestHome;
use crate::support::{Result, clock, event};

/// A log that every query in the runbooks finds something in.
const LOG: &str = r#"{"timestamp":"2026-11-21T14:59:59Z","level":"INFO","target":"donation_portal::serve","message":"the service listens","outcome":"listening","address":"127.0.0.1:8787"}
{"timestamp":"2026-11-21T15:00:00Z","level":"INFO","target":"portal_http::webhook","message":"the event was recorded","event_id":"evt_3BskXZUxn3WlNdCTl8MLa0cR","event_type":"payment_intent.succeeded","livemode":true,"outcome":"recorded","state":"processed","status":200,"elapsed_ms":1}
{"timestamp":"2026-11-21T15:00:02Z","level":"INFO","target":"portal_http::webhook","message":"the event was recorded already","event_id":"evt_3BskXZUxn3WlNdCTl8MLa0cR","event_type":"payment_intent.succeeded","livemode":true,"outcome":"duplicate","status":200,"elapsed_ms":0}
{"timestamp":"2026-11-21T15:00:03Z","level":"INFO","target":"portal_http::webhook","message":"the event was recorded","event_id":"evt_1","event_type":"invoice.paid","livemode":false,"outcome":"recorded","state":"processed","status":200,"elapsed_ms":1204}
{"timestamp":"2026-11-22T01:00:00Z","level":"WARN","target":"portal_http::webhook","message":"the delivery was rejected","outcome":"rejected","status":400,"elapsed_ms":0,"reason":"no_match"}
{"timestamp":"2026-11-22T01:00:01Z","level":"WARN","target":"portal_http::webhook","message":"the delivery was rejected","outcome":"rejected","status":400,"elapsed_ms":0,"reason":"timestamp_outside_tolerance","age_seconds":-412}
{"timestamp":"2026-11-22T01:00:02Z","level":"ERROR","target":"portal_http::webhook","message":"the event was not recorded; Stripe sends it again","event_id":"evt_2","event_type":"invoice.paid","livemode":true,"outcome":"unavailable","status":503,"elapsed_ms":2011,"reason":"store_missing","error":"the database is not there"}
"#;

/// The command with which the runbooks read a Worker's log.
const TAIL: &str = "npx wrangler tail donation-portal --format json";

#[test]
fn every_log_query_finds_something() -> Result {
    let installed = Command::new("jq").arg("--version").output();
    assert!(installed.is_ok(), "jq is missing: install it, the runbooks' log queries need it");
    let home = TestHome::new()?;
    fs::write(home.path("portal.log"), LOG)?;
    fs::write(home.path("tail.json"), tail()?)?;
    for name in RUNBOOKS {
        let lines = commands(&read(name)?);
        let of_file = lines.iter().filter(|line| line.starts_with("jq ")).cloned();
        let of_file: Vec<_> = of_file.collect();
        let of_tail = lines.iter().filter(|line| line.starts_with(TAIL));
        let of_tail: Vec<_> = of_tail.map(|line| line.replace(TAIL, "cat tail.json")).collect();
        assert!(of_file.len() > 4 && of_tail.len() > 4, "{name}: {of_file:?} {of_tail:?}");
        for query in of_file.iter().chain(&of_tail) {
            let folder = home.path("");
            let output = Command::new("sh").args(["-c", query]).current_dir(folder).output()?;
            let trouble = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && trouble.is_empty(), "{name}: {query}\n{trouble}");
            assert!(!output.stdout.is_empty(), "{name}: {query} finds nothing");
        }
    }
    Ok(())
}

/// Returns the output of `wrangler tail` for a Worker that logs [`LOG`], one line for each request,
/// followed by a request that logs a text and is cut off
/// (<https://developers.cloudflare.com/workers/runtime-apis/handlers/tail/>).
fn tail() -> Result<String> {
    let request = |outcome: &str, message: Value| {
        json!({
            "outcome": outcome,
            "scriptName": "donation-portal",
            "exceptions": [],
            "logs": [{ "message": [message], "level": "log", "timestamp": 1_795_360_071_000_i64 }],
            "eventTimestamp": 1_795_360_071_000_i64,
        })
    };
    let mut requests = Vec::new();
    for line in LOG.lines() {
        requests.push(request("ok", serde_json::from_str(line)?));
    }
    requests.push(request("exceededCpu", json!("a text")));
    let printed = requests.iter().map(serde_json::to_string_pretty);
    Ok(printed.collect::<std::result::Result<Vec<_>, _>>()?.join("\n"))
}

/// Returns the fields of all lines that a server logs of a delivery.
fn fields_of_a_delivery() -> Result<BTreeSet<String>> {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_eq!(server.deliver(event::payment("evt_1"))?.status, 200);
    server.logged(|line| line["outcome"] == "recorded")?;
    let lines = server.log()?;
    server.stop()?;
    Ok(lines.iter().filter_map(Value::as_object).flat_map(|it| it.keys().cloned()).collect())
}

#[test]
fn the_fields_that_open_telemetry_has_words_for_are_those_of_lines() -> Result {
    let fields = fields_of_a_delivery()?;
    for name in RUNBOOKS {
        let text = read(name)?;
        let table = text.lines().skip_while(|it| !it.ends_with("| OpenTelemetry |")).skip(2);
        let rows: Vec<_> = table.take_while(|it| it.starts_with('|')).map(code_spans).collect();
        let (others, named) = rows.split_last().ok_or("no table")?;
        let named: Vec<_> = named.iter().filter_map(|it| it.first().copied()).collect();
        assert_eq!(named, ["timestamp", "level", "target", "message", "status"], "{name}");
        assert!(named.iter().all(|it| fields.contains(*it)), "{name}: {fields:?}");
        let example = others.last().and_then(|it| it.strip_prefix("donation_portal."));
        assert!(example.is_some_and(|it| fields.contains(it)), "{name}: {others:?}");
    }
    Ok(())
}

#[test]
fn every_filter_of_the_query_builder_finds_something() -> Result {
    let lines: Vec<Value> =
        LOG.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
    for name in RUNBOOKS {
        let text = read(name)?;
        let rows = text.lines().filter(|line| line.starts_with('|'));
        let filters: Vec<_> = rows.flat_map(code_spans).filter_map(filter).collect();
        assert!(filters.len() > 5, "{name}: {filters:?}");
        for (key, comparison, value) in filters {
            let passes = |line: &Value| match comparison {
                "=" => line[key] == value,
                _ => line[key].as_i64() > value.as_i64(),
            };
            assert!(lines.iter().any(passes), "{name}: {key} {comparison} {value}");
        }
    }
    Ok(())
}

/// Parses `key = value` or `key > value` for a field of the log.
fn filter(span: &str) -> Option<(&str, &str, Value)> {
    let (key, rest) = span.split_once(' ')?;
    let (comparison, value) = rest.split_once(' ')?;
    let is_field = key.chars().all(|it| it.is_ascii_lowercase() || it == '_');
    let is_filter = is_field && ["=", ">"].contains(&comparison);
    Some((key, comparison, serde_json::from_str(value).ok().filter(|_| is_filter)?))
}

#[test]
fn the_log_that_the_queries_are_tried_on_is_like_that_of_the_server() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let body = event::payment("evt_1");
    server.deliver(&body)?;
    server.deliver(&body)?;
    server.post(&body, Some(&format!("t=1,v1={}", "0".repeat(64))))?;
    let long_ago = UnixSeconds::new(clock::now()?.get() - 1000).ok_or("no such moment")?;
    server.post(&body, Some(&sign(&Secret::new(event::SECRET)?, long_ago, body.as_bytes())))?;
    fs::rename(home.database(), home.path("away.db"))?;
    server.deliver(event::payment("evt_2"))?;
    for line in LOG.lines() {
        let sample: Value = serde_json::from_str(line)?;
        let like = |line: &Value| {
            line["outcome"] == sample["outcome"] && line["reason"] == sample["reason"]
        };
        assert_eq!(keys(&server.logged(like)?), keys(&sample), "{line}");
    }
    Ok(())
}
