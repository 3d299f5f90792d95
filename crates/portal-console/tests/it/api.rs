//! The API: what it answers, and that `docs/openapi.json` describes it.

mod document;

use std::path::Path;

use http::StatusCode;
use portal_contract::{an_event, at, batch, block_on, facts, text};
use portal_domain::report::Difference;
use portal_domain::{DeadReason, Event, FactsKind, ReadError, Report, Resource, State, Window};
use serde_json::{Value, json};
use snapbox::{Assert, Data};

use crate::support::{ACT_TOKEN, Console, NOW, OPERATORS, READ_TOKEN, Result};
use document::{ACTS, document, get};

/// A console whose database has something of everything.
fn full() -> Result<Console> {
    let key = ("STRIPE_SECRET_KEY", "rk_test_0123456789abcdef");
    let slack = ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T0/B0/0123456789abcdef");
    let console = Console::new(&[OPERATORS, key, slack])?;
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
    record(Event { state: dead, ..event("evt_seen") })?;
    record(Event {
        event_type: text("charge.refunded"),
        object_id: Some(text("ch_1")),
        facts: Some(facts(
            FactsKind::Charge,
            r#"{"id": "ch_1", "payment_intent": "pi_1", "amount": 3000, "amount_captured": 3000, "amount_refunded": 1000, "currency": "jpy", "status": "succeeded", "paid": true, "captured": true, "created": 1760000000}"#,
        )),
        ..event("evt_2")
    })?;
    record(Event {
        event_type: text("payout.paid"),
        object_id: Some(text("po_1")),
        facts: Some(facts(
            FactsKind::Payout,
            r#"{"id": "po_1", "amount": 20000, "currency": "jpy", "status": "paid", "automatic": false, "created": 1760000000, "arrival_date": 1760054400}"#,
        )),
        ..event("evt_payout")
    })?;
    let mut report = Report::new(Window { since: at(NOW - 100), until: at(NOW) }, false);
    report.found(text("pi_2"), Difference::MissingHere, true);
    report.unread_resource(Resource::Events, ReadError::Failing { status: 503 });
    block_on(console.store.file_report(&report))?;
    Ok(console)
}

#[test]
fn the_document_describes_what_is_answered() -> Result {
    let console = full()?;
    let document = document(&console)?;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    // Without indentation: the Worker has the file in it, and is a kilobyte smaller so.
    let pretty = serde_json::to_string_pretty(&document)?;
    let text: String = pretty.lines().flat_map(|line| [line.trim_start(), "\n"]).collect();
    Assert::new().action_env("SNAPSHOTS").eq(text, Data::read_from(&kept, None));
    assert_eq!(get(&console, "/ops/api/v1/openapi.json", READ_TOKEN)?, document);
    Ok(())
}

#[test]
fn who_may_look_does_nothing_by_the_api_either() -> Result {
    let console = full()?;
    for act in ACTS {
        let answer = act.send(&console, READ_TOKEN)?;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", act.path);
        assert!(answer.says("\"code\":\"read_only\""), "{}", answer.body);
    }
    assert_eq!(get(&console, "/ops/api/v1/actions", READ_TOKEN)?["data"], json!([]));
    for act in ACTS {
        assert_eq!(act.send(&console, ACT_TOKEN)?.status, act.status, "{}", act.path);
        // Doing it twice is harmless, or is refused.
        let again = act.send(&console, ACT_TOKEN)?;
        let is_refused = ["ignore", "events/acknowledge", "reconcile", "cancel", "test"];
        let due = match is_refused.iter().any(|it| act.path.ends_with(it)) {
            true if act.path.ends_with("test") => StatusCode::TOO_MANY_REQUESTS,
            true => StatusCode::CONFLICT,
            false => StatusCode::OK,
        };
        assert_eq!(again.status, due, "{}: {}", act.path, again.body);
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

#[test]
fn a_dry_run_answers_with_the_number_and_does_nothing() -> Result {
    let console = full()?;
    let dry = |path: &str, form: &str| -> Result<Value> {
        let path = format!("/ops/api/v1/{path}?dry_run=1");
        let answer = console.form(&path).without("sec-fetch-site").bearing(ACT_TOKEN).send(form)?;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        Ok(serde_json::from_str(&answer.body)?)
    };
    for act in ["reprocess", "ignore", "acknowledge"] {
        assert_eq!(dry(&format!("events/{act}"), "state=dead")?, json!({ "count": 3 }), "{act}");
    }
    assert_eq!(dry("events/acknowledge", "state=processed")?, json!({ "count": 0 }));
    let plan = dry("reconcile", "since=2026-11-20&until=2026-11-21")?;
    assert_eq!((&plan["reads"], &plan["reads_left"]), (&json!(7), &json!(8000)));
    let other = console.form("/ops/api/v1/events/ignore?dry_run=yes").bearing(ACT_TOKEN);
    assert_eq!(other.send("state=dead&expect=3")?.status, StatusCode::BAD_REQUEST);
    assert_eq!(get(&console, "/ops/api/v1/actions", READ_TOKEN)?["data"], json!([]));
    assert_eq!(get(&console, "/ops/api/v1/reconcile", READ_TOKEN)?["under_way"], Value::Null);
    Ok(())
}
