//! `docs/openapi.json`, made of what the API answers.

use http::StatusCode;
use portal_contract::block_on;
use portal_domain::alert::Severity;
use portal_domain::report::{Difference, Verdict};
use portal_domain::{
    ActionResult, ActionVerb, ActionVia, Alert, AlertState, DeadReason, DisputeState,
    DonationState, IgnoredReason, Kind, Origin, State, requested_run,
};
use serde_json::{Map, Value, json};
use strum::VariantNames as _;

use crate::support::{ACT_TOKEN, Answer, Console, READ_TOKEN, Result};

/// The reads: the path in the document, an example of it, and its summary.
pub(super) const READS: [(&str, &str, &str); 18] = [
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
        "/ops/api/v1/payouts",
        "/ops/api/v1/payouts",
        "Payouts with their statements, the last made first",
    ),
    ("/ops/api/v1/payouts/{id}", "/ops/api/v1/payouts/po_1", "One payout with its statement"),
    (
        "/ops/api/v1/account",
        "/ops/api/v1/account?period=2025-10",
        "The account of each currency over a period; null where not all of it was read",
    ),
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
    ("/ops/api/v1/alerts/{key}", "/ops/api/v1/alerts/event_dead", "One alert"),
    ("/ops/api/v1/reconcile", "/ops/api/v1/reconcile", "The comparison that is under way, or null"),
    ("/ops/api/v1/reports", "/ops/api/v1/reports", "Completeness reports, the last first"),
    (
        "/ops/api/v1/reports/{number}",
        "/ops/api/v1/reports/1",
        "One completeness report with its findings",
    ),
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
    ("/ops/api/v1/actions", "/ops/api/v1/actions", "What operators did, the last first"),
];

/// An act by the API: the path in the document, an example of it, its form, the fields of the form, and its summary.
pub(super) struct Act {
    pub(super) path: &'static str,
    example: &'static str,
    form: &'static str,
    /// The name, whether it must be there, and what it is.
    fields: &'static [(&'static str, bool, &'static str)],
    pub(super) status: StatusCode,
    summary: &'static str,
}

const SELECTED: &[(&str, bool, &str)] = &[
    ("id", false, "An event; may be repeated"),
    ("state", false, "As in the list of events, and so are its other filters"),
    ("expect", true, "The number of events that was seen; another one is 409"),
];

const PERIOD: &[(&str, bool, &str)] = &[
    ("since", false, "The first day, or a time"),
    ("until", false, "The last day, which is included, or a time"),
];

pub(super) const ACTS: [Act; 9] = [
    Act {
        path: "/ops/api/v1/events/reprocess",
        example: "/ops/api/v1/events/reprocess",
        form: "id=evt_dead&expect=1",
        fields: SELECTED,
        status: StatusCode::OK,
        summary: "Decide selected events again; with dry_run=1 count them",
    },
    Act {
        path: "/ops/api/v1/events/ignore",
        example: "/ops/api/v1/events/ignore",
        form: "id=evt_lost&expect=1",
        fields: SELECTED,
        status: StatusCode::OK,
        summary: "Ignore selected events; with dry_run=1 count them",
    },
    Act {
        path: "/ops/api/v1/events/acknowledge",
        example: "/ops/api/v1/events/acknowledge",
        form: "id=evt_seen&expect=1",
        fields: SELECTED,
        status: StatusCode::OK,
        summary: "Acknowledge selected dead events; with dry_run=1 count them",
    },
    Act {
        path: "/ops/api/v1/alerts/{key}/acknowledge",
        example: "/ops/api/v1/alerts/event_dead/acknowledge",
        form: "",
        fields: &[],
        status: StatusCode::OK,
        summary: "Acknowledge an open alert",
    },
    Act {
        path: "/ops/api/v1/alerts/{key}/silence",
        example: "/ops/api/v1/alerts/event_dead/silence",
        form: "hours=4",
        fields: &[("hours", true, "1 to 168")],
        status: StatusCode::OK,
        summary: "Silence an alert for some hours",
    },
    Act {
        path: "/ops/api/v1/alerts/{key}/unsilence",
        example: "/ops/api/v1/alerts/event_dead/unsilence",
        form: "",
        fields: &[],
        status: StatusCode::OK,
        summary: "End the silence of an alert",
    },
    Act {
        path: "/ops/api/v1/alerts/test",
        example: "/ops/api/v1/alerts/test",
        form: "",
        fields: &[],
        status: StatusCode::ACCEPTED,
        summary: "Send a test to each channel, at most once a minute",
    },
    Act {
        path: "/ops/api/v1/reconcile",
        example: "/ops/api/v1/reconcile",
        form: "since=2026-11-20&until=2026-11-21",
        fields: PERIOD,
        status: StatusCode::ACCEPTED,
        summary: "Compare a period with Stripe; with dry_run=1 estimate its reads",
    },
    Act {
        path: "/ops/api/v1/reconcile/cancel",
        example: "/ops/api/v1/reconcile/cancel",
        form: "action=ACTION",
        fields: &[("action", true, "The number that the answer to reconcile had")],
        status: StatusCode::OK,
        summary: "Cancel the comparison that is under way",
    },
];

impl Act {
    /// Sends its example.
    pub(super) fn send(&self, console: &Console, token: &str) -> Result<Answer> {
        let under_way = block_on(requested_run::under_way(&*console.store, false))?;
        let action = under_way.map_or(0, |it| it.action).to_string();
        let form = self.form.replace("ACTION", &action);
        let request = console.form(self.example).without("sec-fetch-site");
        request.bearing(token).send(&form)
    }

    /// Returns its part of the document.
    fn described(&self, answer: &Value) -> Value {
        let properties: Map<_, _> = self
            .fields
            .iter()
            .map(|(name, _, what)| {
                ((*name).to_owned(), json!({ "type": "string", "description": what }))
            })
            .collect();
        let required: Vec<_> =
            self.fields.iter().filter(|it| it.1).map(|(name, ..)| *name).collect();
        let form = json!({ "type": "object", "properties": properties, "required": required });
        operation(self.path, self.summary, Some(&form), self.status, answer)
    }
}

/// Returns the description of the API by this console, which has something of everything.
pub(super) fn document(console: &Console) -> Result<Value> {
    let mut paths = Map::new();
    let mut add = |path: &str, method: &str, described: Value| {
        let operations = paths.entry(path).or_insert_with(|| json!({}));
        operations.as_object_mut().map(|it| it.insert(method.to_owned(), described));
    };
    let posted = |act: &Act| -> Result<Value> {
        let answer = act.send(console, ACT_TOKEN)?;
        assert_eq!(answer.status, act.status, "{}: {}", act.path, answer.body);
        Ok(act.described(&serde_json::from_str(&answer.body)?))
    };
    // The last one cancels what a read shows.
    let (last, acts) = ACTS.split_last().ok_or("no act")?;
    for act in acts {
        add(act.path, "post", posted(act)?);
    }
    for (path, example, summary) in READS {
        let answer = get(console, example, READ_TOKEN)?;
        add(path, "get", operation(path, summary, None, StatusCode::OK, &answer));
    }
    add(last.path, "post", posted(last)?);
    Ok(json!({
        "openapi": "3.1.0",
        "info": { "title": "donation-portal", "version": "1", "description": "The JSON objects are those of the command line. Times are Unix seconds, amounts minor units. A list has `next`: the value of `after` for its next page. A page of events may be shorter than its `limit`, or empty, and have a next one: each searches some thousand events. An act is a form, by a token of the role act." },
        "security": [{ "token": [] }],
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
        "paths": paths,
    }))
}

/// Returns the JSON at that path.
pub(super) fn get(console: &Console, path: &str, token: &str) -> Result<Value> {
    let answer = console.get(path).bearing(token).answer()?;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json", "{path}");
    Ok(serde_json::from_str(&answer.body)?)
}

fn operation(
    path: &str,
    summary: &str,
    form: Option<&Value>,
    status: StatusCode,
    answer: &Value,
) -> Value {
    let name = |it: &str| json!({ "name": it, "in": "path", "required": true, "schema": { "type": "string" } });
    let mut parameters: Vec<_> = path.split(['{', '}']).skip(1).step_by(2).map(name).collect();
    if summary.contains("dry_run") {
        parameters
            .push(json!({ "name": "dry_run", "in": "query", "schema": { "enum": ["0", "1"] } }));
    }
    let description = status.canonical_reason();
    let topic = path.split('/').nth(4).unwrap_or_default();
    let schema = schema(topic, "", answer);
    let mut operation = json!({
        "summary": summary,
        "parameters": parameters,
        "responses": { status.as_str(): { "description": description, "content": { "application/json": { "schema": schema } } } },
    });
    if let (Some(fields), Some(form)) = (operation.as_object_mut(), form) {
        let content = json!({ "application/x-www-form-urlencoded": { "schema": form } });
        fields.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    operation
}

const VERDICTS: [Verdict; 3] = [Verdict::Complete, Verdict::Differences, Verdict::Unknown];

const DIFFERENCES: [Difference; 8] = [
    Difference::MissingHere,
    Difference::MissingThere,
    Difference::Amount,
    Difference::State,
    Difference::Kind,
    Difference::Refunded,
    Difference::Provisional,
    Difference::CountedTwice,
];

/// Returns the words of a field of an object, where they are a closed list, and whether it may be null.
fn words(topic: &str, field: &str) -> Option<(Vec<&'static str>, bool)> {
    let (words, may_be_null): (Vec<_>, _) = match (topic, field) {
        ("events", "origin") => (vec![Origin::Delivered.name(), Origin::Reconciled.name()], false),
        ("events", "state") => (State::NAMES.into(), false),
        ("events", "reason") => ([DeadReason::VARIANTS, IgnoredReason::VARIANTS].concat(), true),
        ("donations", "state") => (DonationState::VARIANTS.into(), false),
        ("donations", "dispute") => (DisputeState::VARIANTS.into(), true),
        ("donations" | "totals", "kind") => (Kind::VARIANTS.into(), false),
        ("alerts", "state") => (AlertState::VARIANTS.into(), false),
        ("alerts", "severity") => (Severity::VARIANTS.into(), false),
        ("alerts", "kind") => ([Alert::SECTIONS, &["test"]].concat(), false),
        ("actions", "verb") => (ActionVerb::NAMES.into(), false),
        ("actions", "via") => (ActionVia::VARIANTS.into(), false),
        ("actions", "result") => (ActionResult::VARIANTS.into(), true),
        ("reports", "verdict") => (VERDICTS.map(Verdict::name).into(), false),
        ("findings", "difference") => (DIFFERENCES.map(Difference::name).into(), false),
        _ => return None,
    };
    Some((words, may_be_null))
}

/// Returns the shape of a field of an object about `topic`; a null may be anything, unless the field has a
/// closed list.
fn schema(topic: &str, field: &str, value: &Value) -> Value {
    // A list and what is nested are about what they are called.
    let inner = if ["", "data"].contains(&field) { topic } else { field };
    match value {
        Value::String(_) | Value::Null if let Some((words, may_be_null)) = words(topic, field) => {
            let mut words: Vec<_> = words.into_iter().map(Value::from).collect();
            words.extend(may_be_null.then_some(Value::Null));
            assert!(words.contains(value), "{topic}: {field} is {value}");
            json!({ "enum": words })
        }
        Value::Null => json!({}),
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(_) => json!({ "type": "integer" }),
        Value::String(_) => json!({ "type": "string" }),
        Value::Array(items) => {
            let items = items.first().map_or(json!({}), |it| schema(inner, "", it));
            json!({ "type": "array", "items": items })
        }
        Value::Object(fields) => {
            let fields: Map<_, _> =
                fields.iter().map(|(name, it)| (name.clone(), schema(inner, name, it))).collect();
            json!({ "type": "object", "properties": fields })
        }
    }
}
