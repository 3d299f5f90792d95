//! The sample events, as they are read.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use portal_domain::{Event, Payload, Receiver, Secrets, State, Tolerance, UnixSeconds, sign};
use portal_testkit::Result;
use portal_testkit::needles::Canaries;
use serde_json::{Value, json};

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/events");
const RECEIVED_AT: i64 = 1_795_355_400;

/// Signs `body` and passes it to the intake.
fn read(body: &str) -> Result<Event> {
    let receiver =
        Receiver { secrets: Secrets::new("whsec_test_secret")?, tolerance: Tolerance::DEFAULT };
    let now = UnixSeconds::new(RECEIVED_AT).ok_or("no such moment")?;
    let secret = receiver.secrets.iter().next().ok_or("no secret")?;
    let header = sign(secret, now, body.as_bytes());
    Ok(receiver.read([header.as_bytes()], Bytes::copy_from_slice(body.as_bytes()), now)?)
}

fn text_of(name: &str) -> Result<String> {
    Ok(fs::read_to_string(Path::new(EVENTS).join(name))?)
}

/// Returns the samples in a folder, as `folder/file.json`.
fn names(folder: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(Path::new(EVENTS).join(folder))? {
        let file = entry?.file_name();
        names.push(format!("{folder}/{}", file.display()));
    }
    // Stripe does not post the answers of its API.
    names.retain(|name| !name.contains("/api_response."));
    Ok(names)
}

/// Returns the fields of an event as JSON, to be compared as a whole.
fn seen(event: &Event) -> Value {
    json!({
        "id": event.id.as_str(),
        "payload": event.payload.name(),
        "type": event.event_type.as_str(),
        "created": event.created.to_string(),
        "livemode": event.livemode,
        "api_version": event.api_version.as_ref().map(|it| it.as_str()),
        "account": event.account.as_ref().map(|it| it.as_str()),
        "object_id": event.object_id.as_ref().map(|it| it.as_str()),
        "snapshot_event": event.snapshot_event.as_ref().map(|it| it.as_str()),
        "state": event.state.name(),
        "reason": event.state.reason(),
    })
}

#[test]
fn every_snapshot_is_read_as_it_was_written() -> Result {
    for folder in ["2024-06-20", "2025-09-30.clover"] {
        let names = names(folder)?;
        assert!(names.len() >= 20, "{folder}");
        for name in names {
            let text = text_of(&name)?;
            let event = read(&text)?;
            let written: Value = serde_json::from_str(&text)?;
            assert_eq!(event.payload, Payload::Snapshot, "{name}");
            assert_eq!(event.id.as_str(), written["id"], "{name}");
            assert_eq!(event.event_type.as_str(), written["type"], "{name}");
            assert_eq!(event.created.get(), written["created"], "{name}");
            assert_eq!(event.livemode, written["livemode"], "{name}");
            assert_eq!(event.api_version.unwrap().as_str(), folder, "{name}");
            assert_eq!(event.received_at.get(), RECEIVED_AT, "{name}");
            assert_eq!(event.snapshot_event, None, "{name}");
            if name.contains("/connect.") {
                continue;
            }
            assert_eq!(event.state, State::Processed, "{name}");
            assert_eq!(event.account, None, "{name}");
            let object = &written["data"]["object"];
            let facts = event.facts.unwrap();
            assert_eq!(event.object_id.unwrap().as_str(), object["id"], "{name}");
            assert_eq!(serde_json::to_value(&facts)?["object"], object["object"], "{name}");
            assert_eq!(facts.object_id().unwrap().as_str(), object["id"], "{name}");
        }
    }
    Ok(())
}

#[test]
fn the_order_of_keys_in_an_event_is_no_matter() -> Result {
    for folder in ["2024-06-20", "2025-09-30.clover", "thin"] {
        for name in names(folder)? {
            let text = text_of(&name)?;
            let backwards = backwards(serde_json::from_str(&text)?).to_string();
            assert!(!backwards.starts_with("{\"id\""), "{name}");
            assert_eq!(read(&backwards)?, read(&text)?, "{name}");
        }
    }
    Ok(())
}

/// Returns the same JSON with the keys of each object in reverse order.
fn backwards(json: Value) -> Value {
    if let Value::Object(entries) = json {
        entries.into_iter().rev().map(|(key, value)| (key, backwards(value))).collect()
    } else if let Value::Array(items) = json {
        items.into_iter().map(backwards).collect()
    } else {
        json
    }
}

#[test]
fn a_payment_of_a_connected_account_is_ignored() -> Result {
    let event = read(&text_of("2024-06-20/connect.payment_intent.succeeded.usd.json")?)?;
    assert_eq!(
        seen(&event),
        json!({
            "id": "evt_3lnmeUne0jpM7c0nqaX02IQT",
            "payload": "snapshot",
            "type": "payment_intent.succeeded",
            "created": "2025-01-02T00:00:09Z",
            "livemode": true,
            "api_version": "2024-06-20",
            "account": "acct_1ConnectedDemo000001",
            "object_id": null,
            "snapshot_event": null,
            "state": "ignored",
            "reason": "connected_account",
        })
    );
    assert_eq!(event.facts, None);
    Ok(())
}

#[test]
fn a_thin_event_names_its_object_and_carries_no_facts() -> Result {
    let event = read(&text_of("thin/v1.payment_intent.succeeded.json")?)?;
    assert_eq!(
        seen(&event),
        json!({
            "id": "evt_65VUbm5lZwwSa9vD7EbfJos6ID0yCsUmkj8VjDi9s5",
            "payload": "thin",
            "type": "v1.payment_intent.succeeded",
            "created": "2026-10-05T03:14:15Z",
            "livemode": true,
            "api_version": null,
            "account": null,
            "object_id": "pi_3FuezC092bs8YG8f6jAdLSgQ",
            "snapshot_event": null,
            "state": "awaiting_object",
            "reason": null,
        })
    );
    assert_eq!(event.facts, None);
    Ok(())
}

#[test]
fn every_thin_sample_is_read_as_it_was_written() -> Result {
    let names = names("thin")?;
    assert!(names.len() >= 4);
    for name in names {
        let text = text_of(&name)?;
        let event = read(&text)?;
        let written: Value = serde_json::from_str(&text)?;
        assert_eq!(event.payload, Payload::Thin, "{name}");
        assert_eq!(event.id.as_str(), written["id"], "{name}");
        assert_eq!(event.event_type.as_str(), written["type"], "{name}");
        assert_eq!(event.livemode, written["livemode"], "{name}");
        assert_eq!(event.object_id.unwrap().as_str(), written["related_object"]["id"], "{name}");
        assert_eq!(event.api_version, None, "{name}");
        assert_eq!(event.facts, None, "{name}");
        let reason = match name.as_str() {
            "thin/v1.payment_intent.succeeded.connect_context.json" => Some("connected_account"),
            "thin/v2.core.event_destination.ping.json" => Some("ping"),
            _ => None,
        };
        assert_eq!(event.state.reason(), reason, "{name}");
    }
    Ok(())
}

#[test]
fn a_thin_event_may_name_the_snapshot_of_the_same_happening() -> Result {
    let twin = r#""snapshot_event": "evt_3BskXZUxn3WlNdCTl8MLa0cR", "livemode""#;
    let text = text_of("thin/v1.payment_intent.succeeded.json")?;
    let event = read(&text.replacen("\"livemode\"", twin, 1))?;
    assert_eq!(event.snapshot_event.unwrap().as_str(), "evt_3BskXZUxn3WlNdCTl8MLa0cR");
    assert_eq!(event.id.as_str(), "evt_65VUbm5lZwwSa9vD7EbfJos6ID0yCsUmkj8VjDi9s5");
    Ok(())
}

#[test]
fn a_thin_event_may_name_no_object() -> Result {
    let mut body: Value = serde_json::from_str(&text_of("thin/v1.invoice.paid.json")?)?;
    for related in [json!(null), json!({ "type": "invoice", "url": "/v1/invoices" })] {
        body["related_object"] = related;
        let event = read(&body.to_string())?;
        assert_eq!(event.object_id, None);
        assert_eq!(event.state, State::AwaitingObject { was_dead: false });
    }
    Ok(())
}

#[test]
fn a_thin_event_of_a_context_is_a_connected_account_s() -> Result {
    let event = read(&text_of("thin/v1.payment_intent.succeeded.connect_context.json")?)?;
    assert_eq!(event.account.unwrap().as_str(), "acct_1ConnectedDemo000001");
    assert_eq!(event.state.reason(), Some("connected_account"));
    Ok(())
}

#[test]
fn no_personal_data_is_kept_of_a_delivery() -> Result {
    let canaries = Canaries::read()?;
    let mut looked_for = 0;
    for folder in ["2024-06-20", "2025-09-30.clover", "thin"] {
        for name in names(folder)? {
            let kept = format!("{:?}", read(&text_of(&name)?)?);
            let of_this_file = canaries.files.get(&name).into_iter().flatten();
            let of_this_file = of_this_file.map(|canary| &canary.value);
            for text in canaries.substrings.iter().chain(of_this_file) {
                assert!(!kept.contains(text.as_str()), "kept of {name}: {text}");
                looked_for += 1;
            }
        }
    }
    assert!(looked_for > 1000, "{looked_for}");
    Ok(())
}
