//! The API: what it answers, and that `docs/openapi.json` describes it.

use std::collections::BTreeMap;
use std::path::Path;

use http::StatusCode;
use portal_contract::{an_event, at, batch, block_on, facts, text};
use portal_domain::report::Difference;
use portal_domain::{DeadReason, Event, FactsKind, ReadError, Report, Resource, State, Window};
use serde_json::{Map, Value, json};
use snapbox::{Assert, Data};

use crate::support::{ACT_TOKEN, Console, NOW, OPERATORS, READ_TOKEN, Result};

/// The reads: the path in the document, an example of it, and its summary.
const READS: [(&str, &str, &str); 13] = [
    (
        "/ops/api/v1/donations",
        "/ops/api/v1/donations",
        "Donations, the last first, with the filter of the page",
    ),
    (
        "/ops/api/v1/donations/{id}",
        "/ops/api/v1/donations/pi_1",
        "One donation, by any id that belongs to it",
    ),
    ("/ops/api/v1/totals", "/ops/api/v1/totals", "Totals of paid donations by currency and kind"),
    (
        "/ops/api/v1/events",
        "/ops/api/v1/events",
        "Events, the last received first, with the filter of the page",
    ),
    (
        "/ops/api/v1/events/{id}",
        "/ops/api/v1/events/evt_1",
        "One event and the facts that are kept",
    ),
    (
        "/ops/api/v1/alerts",
        "/ops/api/v1/alerts",
        "Alerts, the last changed first; with open=1 those that go on",
    ),
    ("/ops/api/v1/reports", "/ops/api/v1/reports", "Completeness reports, the last first"),
    (
        "/ops/api/v1/reports/{number}",
        "/ops/api/v1/reports/1",
        "One completeness report with its findings",
    ),
    ("/ops/api/v1/actions", "/ops/api/v1/actions", "What operators did, the last first"),
    (
        "/ops/api/v1/overview",
        "/ops/api/v1/overview",
        "The state of the service: what came last, what is open, what runs",
    ),
    (
        "/ops/api/v1/endpoint",
        "/ops/api/v1/endpoint",
        "The endpoint as it was seen last at Stripe, the use of the signing secrets, and refusals of the last hour",
    ),
    ("/ops/api/v1/doctor", "/ops/api/v1/doctor", "The findings of the last run of doctor"),
    ("/ops/api/v1/config", "/ops/api/v1/config", "The effective settings, masked"),
];

/// The acts: the path, the form of an example, and its summary.
const ACTS: [(&str, &str, &str); 2] = [
    (
        "/ops/api/v1/events/reprocess",
        "id=evt_dead&expect=1",
        "Decide selected events again; expect is the number that was seen",
    ),
    (
        "/ops/api/v1/events/ignore",
        "id=evt_lost&expect=1",
        "Ignore selected events; expect is the number that was seen",
    ),
];

/// A console whose database has something of everything.
fn full() -> Result<Console> {
    let console = Console::new(&[OPERATORS])?;
    let record = |event: Event| block_on(console.store.record(&batch([event]), at(NOW)));
    let event = |id: &str| Event { received_at: at(NOW), ..an_event(id) };
    let dead = State::Dead(DeadReason::LedgerFailed);
    record(event("evt_1"))?;
    record(Event {
        object_id: Some(text("pi_9")),
        facts: Some(facts(
            FactsKind::PaymentIntent,
            r#"{"id": "pi_9", "amount_received": 500, "currency": "jpy", "status": "succeeded", "invoice": null}"#,
        )),
        ..event("evt_9")
    })?;
    record(Event { state: dead, ..event("evt_dead") })?;
    record(Event { state: dead, ..event("evt_lost") })?;
    record(Event {
        event_type: text("charge.refunded"),
        object_id: Some(text("ch_1")),
        facts: Some(facts(
            FactsKind::Charge,
            r#"{"id": "ch_1", "payment_intent": "pi_1", "amount": 3000, "amount_captured": 3000, "amount_refunded": 1000, "currency": "jpy", "status": "succeeded", "paid": true, "captured": true, "created": 1760000000}"#,
        )),
        ..event("evt_2")
    })?;
    let mut report = Report::new(Window { since: at(NOW - 100), until: at(NOW) }, false);
    report.found(text("pi_2"), Difference::MissingHere, true);
    report.unread_resource(Resource::Events, ReadError::TimedOut);
    block_on(console.store.file_report(&report))?;
    Ok(console)
}

fn get(console: &Console, path: &str, token: &str) -> Result<Value> {
    let answer = console.get(path).bearing(token).answer()?;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json", "{path}");
    Ok(serde_json::from_str(&answer.body)?)
}

#[test]
fn the_document_describes_what_is_answered() -> Result {
    let console = full()?;
    let mut paths = Map::new();
    for (path, form, summary) in ACTS {
        let answer = console.form(path).without("sec-fetch-site").bearing(ACT_TOKEN).send(form)?;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        let schema = schema(&serde_json::from_str(&answer.body)?);
        let body = json!({ "required": true, "content": { "application/x-www-form-urlencoded": { "schema": { "type": "object" } } } });
        paths.insert(path.into(), json!({ "post": operation(summary, &[], Some(body), &schema) }));
    }
    for (path, example, summary) in READS {
        let schema = schema(&get(&console, example, READ_TOKEN)?);
        let names: Vec<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
        paths.insert(path.into(), json!({ "get": operation(summary, &names, None, &schema) }));
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "donation-portal", "version": "1", "description": "The JSON objects are those of the command line. Times are Unix seconds, amounts minor units. A list has `next`: the value of `after` for its next page. A page of events may be shorter than its `limit`, or empty, and have a next one: each searches some thousand events." },
        "security": [{ "token": [] }],
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
        "paths": paths,
    });
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&document)?);
    Assert::new().action_env("SNAPSHOTS").eq(text, Data::read_from(&kept, None));
    assert_eq!(get(&console, "/ops/api/v1/openapi.json", READ_TOKEN)?, document);
    Ok(())
}

fn operation(summary: &str, names: &[&str], body: Option<Value>, schema: &Value) -> Value {
    let name = |it: &&str| json!({ "name": it, "in": "path", "required": true, "schema": { "type": "string" } });
    let mut operation = json!({
        "summary": summary,
        "parameters": names.iter().map(name).collect::<Vec<_>>(),
        "responses": { "200": { "description": "OK", "content": { "application/json": { "schema": schema } } } },
    });
    if let (Some(fields), Some(body)) = (operation.as_object_mut(), body) {
        fields.insert("requestBody".into(), body);
    }
    operation
}

/// Returns the shape of an answer; a null may be anything.
fn schema(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(_) => json!({ "type": "integer" }),
        Value::String(_) => json!({ "type": "string" }),
        Value::Array(items) => {
            json!({ "type": "array", "items": items.first().map_or(json!({}), schema) })
        }
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> =
                fields.iter().map(|(name, it)| (name, schema(it))).collect();
            json!({ "type": "object", "properties": fields })
        }
    }
}

#[test]
fn who_may_look_does_nothing_by_the_api_either() -> Result {
    let console = full()?;
    for (path, form, _) in ACTS {
        let send =
            |token: &str| console.form(path).without("sec-fetch-site").bearing(token).send(form);
        let answer = send(READ_TOKEN)?;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.says("\"code\":\"read_only\""), "{}", answer.body);
        assert_eq!(send(ACT_TOKEN)?.status, StatusCode::OK, "{path}");
        let again = send(ACT_TOKEN)?;
        let due = if path.ends_with("ignore") { StatusCode::CONFLICT } else { StatusCode::OK };
        assert_eq!(again.status, due, "{path}: {}", again.body);
    }
    let actions = get(&console, "/ops/api/v1/actions", READ_TOKEN)?;
    assert!(actions["data"].as_array().is_some_and(|it| it.iter().all(|it| it["via"] == "api")));
    Ok(())
}

#[test]
fn what_is_wrong_is_said_in_json() -> Result {
    let console = full()?;
    for (path, status, code) in [
        ("/ops/api/v1/events/evt_none", StatusCode::NOT_FOUND, "no_such_id"),
        ("/ops/api/v1/donations/pi_none", StatusCode::NOT_FOUND, "no_such_id"),
        ("/ops/api/v1/reports/x", StatusCode::NOT_FOUND, "no_such_id"),
        ("/ops/api/v1/nothing", StatusCode::NOT_FOUND, "not_found"),
        ("/ops/api/v1/events?state=lost", StatusCode::BAD_REQUEST, "bad_query"),
        ("/ops/api/v1/donations?kind=lost", StatusCode::BAD_REQUEST, "bad_query"),
        ("/ops/api/v1/actions?after=x", StatusCode::BAD_REQUEST, "bad_query"),
    ] {
        let answer = console.get(path).bearing(READ_TOKEN).answer()?;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.says(&format!("\"code\":\"{code}\"")), "{path}: {}", answer.body);
    }
    let unsigned = console.get("/ops/api/v1/events").answer()?;
    assert_eq!(unsigned.status, StatusCode::UNAUTHORIZED);
    Ok(())
}
