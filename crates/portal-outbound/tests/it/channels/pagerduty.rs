use portal_domain::{Action, Alert, DisputeState, Notify as _, UnixSeconds};
use serde_json::json;

use crate::channels::{ROUTING_KEY, pagerduty, sent};
use crate::notifications::{digest, dispute, notification, silence, store_unavailable};

#[test]
fn pagerduty_is_triggered() {
    let (request, body) = sent(pagerduty, &notification(store_unavailable(), Action::Trigger, 3));
    assert_eq!(request.target(), ("POST", "/v2/enqueue"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let summary = "Events cannot be stored (store_full). Deliveries answered 503 so far: 7.";
    let page = "https://console.example/ops/alerts/store_unavailable";
    let link = "https://runbook.example/#store_unavailable";
    let first = "First: make room on the database's disk. Stripe sends the events again.\ndf -h";
    let noticed = "Noticed 3 times since 2026-11-22 13:50 UTC.";
    let expected = json!({
        "routing_key": ROUTING_KEY,
        "event_action": "trigger",
        "dedup_key": "donation-portal:store_unavailable",
        "client": "donation-portal (web-1)",
        "client_url": page,
        "links": [
            { "href": page, "text": "console" },
            { "href": link, "text": "runbook: store_unavailable" },
        ],
        "payload": {
            "summary": summary,
            "source": "web-1",
            "severity": "critical",
            "timestamp": "2026-11-22T13:50:00Z",
            "class": "store_unavailable",
            "custom_details": {
                "text": format!("{summary}\n{first}\n{noticed} From web-1.\n{page}\n{link}"),
                "count": 3,
            },
        },
    });
    assert_eq!(body, expected);
}

#[test]
fn pagerduty_resolves_the_incident_of_the_same_key() {
    let alert = dispute(DisputeState::Open, true);
    let (_, body) = sent(pagerduty, &notification(alert, Action::Resolve, 1));
    let expected = json!({
        "routing_key": ROUTING_KEY,
        "event_action": "resolve",
        "dedup_key": "donation-portal:dispute:du_1:open",
    });
    assert_eq!(body, expected);
}

#[test]
fn a_test_is_an_info_to_pagerduty() {
    let (_, body) =
        sent(pagerduty, &notification(Alert::test(UnixSeconds::default()), Action::Trigger, 1));
    assert_eq!(body["payload"]["severity"], "info");
    assert_eq!(body["dedup_key"], "donation-portal:test:0");
}

#[test]
fn a_digest_wakes_nobody_up() {
    let channel = pagerduty("http://127.0.0.1");
    assert_eq!(channel.channel(), "pagerduty-1");
    assert!(channel.takes(&Alert::test(UnixSeconds::default())));
    assert!(channel.takes(&silence()));
    assert!(!channel.takes(&digest(Vec::new())));
}

#[test]
fn a_key_that_is_too_long_for_pagerduty_is_cut_alike_in_both_directions() {
    let key = |action| {
        let mut notification = notification(Alert::test(UnixSeconds::default()), action, 1);
        notification.key = "k".repeat(300);
        sent(pagerduty, &notification).1["dedup_key"].as_str().unwrap().to_owned()
    };
    assert_eq!(key(Action::Trigger).chars().count(), 255);
    assert_eq!(key(Action::Trigger), key(Action::Resolve));
}
