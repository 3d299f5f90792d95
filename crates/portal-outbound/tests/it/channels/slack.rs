use portal_domain::{Action, Alert, Notify as _};
use serde_json::json;

use crate::channels::{sent, slack};
use crate::notifications::{digest, notification, silence};

#[test]
fn slack_gets_a_text() {
    let (request, body) = sent(slack, &notification(Alert::Test, Action::Trigger, 1));
    assert_eq!(request.target(), ("POST", "/services/T/B/X"));
    assert!(request.header("host").unwrap().starts_with("127.0.0.1:"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let user_agent = concat!("donation-portal/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(user_agent));
    let text = "This is a test alert. The channel works; no action is needed.";
    assert_eq!(body, json!({ "text": text }));
}

#[test]
fn slack_gets_the_end_of_a_problem_too() {
    let (_, body) = sent(slack, &notification(silence(), Action::Resolve, 1));
    let text =
        "Resolved: events are received again.\nIt began at 2026-11-22 13:50 UTC and lasted 51 s.";
    assert_eq!(body, json!({ "text": text }));
}

#[test]
fn slack_takes_every_alert() {
    let channel = slack("http://127.0.0.1");
    assert_eq!(channel.channel(), "slack-1");
    assert!([Alert::Test, digest(Vec::new()), silence()].iter().all(|it| channel.takes(it)));
}
