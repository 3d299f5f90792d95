//! Deliveries, and the objects that thin events lead to.

use portal_testkit::stripe::{Account, CLOVER, Payload};
use serde_json::{Value, json};

use crate::stripe::client::{Client, NOW};

fn bodies(account: &Account, payload: Payload) -> Vec<Value> {
    account.deliveries(payload).map(|it| serde_json::from_slice(&it.body).unwrap()).collect()
}

#[test]
fn a_body_is_two_space_json_with_id_and_object_first() {
    let mut account = Account::live(CLOVER);
    account.one_time(NOW, 1000, "jpy");
    let first = account.deliveries(Payload::Snapshot(CLOVER)).next().unwrap();
    let text = String::from_utf8(first.body).unwrap();
    let begin = format!(
        "{{\n  \"id\": \"{}\",\n  \"object\": \"event\",\n  \"api_version\": \"{CLOVER}\",\n  \
         \"created\": {},\n  \"data\": {{\n    \"object\": {{\n      \"id\": \"pi_",
        first.id,
        NOW - 30,
    );
    assert!(text.starts_with(&begin), "{text}");
    assert_eq!((first.event_type.as_str(), first.created), ("payment_intent.created", NOW - 30));
}

#[test]
fn deliveries_are_the_events_that_were_made_the_oldest_first() {
    let mut account = Account::live(CLOVER);
    account.one_time(NOW, 1000, "jpy");
    account.one_time(NOW - 500, 1000, "jpy");
    let dropped = account.events().nth(2).unwrap().id.clone();
    account.never_made(&dropped);
    let due: Vec<_> =
        account.events().filter(|it| it.id != dropped).map(|it| it.id.clone()).collect();
    let sent: Vec<_> = account.deliveries(Payload::Snapshot(CLOVER)).collect();
    assert_eq!(sent.iter().map(|it| it.id.clone()).collect::<Vec<_>>(), due);
    assert!(sent.is_sorted_by_key(|it| it.created));
    assert_eq!(bodies(&account, Payload::Thin).len(), 7);
}

#[test]
fn a_thin_event_names_its_object_and_when_fetched_its_snapshot() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW, 1000, "jpy");
    let snapshot = account.event("payment_intent.succeeded", &payment).unwrap().id.clone();
    let pushed = bodies(&account, Payload::Thin);
    let pushed = pushed.iter().find(|it| it["type"] == "v1.payment_intent.succeeded").unwrap();
    let url = format!("/v1/payment_intents/{payment}");
    assert_eq!(
        pushed["related_object"],
        json!({"id": payment, "type": "payment_intent", "url": url})
    );
    assert_eq!(pushed["created"], "2026-09-21T14:13:20.926Z");
    assert_eq!((pushed.get("snapshot_event"), pushed.get("data")), (None, None));
    let client = Client::of(account);
    let id = pushed["id"].as_str().unwrap();
    let whole = client.get(&format!("/v2/core/events/{id}")).body;
    assert_eq!(whole["snapshot_event"], snapshot.as_str());
    assert_eq!(whole["related_object"], pushed["related_object"]);
    assert_eq!(client.get(&url).body["status"], "succeeded");
}

#[test]
fn an_event_that_could_not_be_made_is_reported_with_its_object() {
    let mut account = Account::live(CLOVER);
    let payment = account.one_time(NOW - 500, 1000, "jpy");
    let event = account.event("payment_intent.succeeded", &payment).unwrap().id.clone();
    account.never_made(&event);
    let told = account.report_never_made(NOW, &event);
    let pushed = bodies(&account, Payload::Thin).pop().unwrap();
    assert_eq!(pushed["id"], told.as_str());
    assert_eq!(pushed["type"], "v2.core.health.event_generation_failure.resolved");
    assert_eq!(pushed.get("data"), None);
    let whole = Client::of(account).get(&format!("/v2/core/events/{told}")).body;
    let url = format!("/v1/payment_intents/{payment}");
    let impact = json!({
        "event_type": "payment_intent.succeeded", "related_object_id": payment,
        "related_object": {"id": payment, "type": "payment_intent", "url": url},
    });
    assert_eq!(whole["data"]["impact"], impact);
}
