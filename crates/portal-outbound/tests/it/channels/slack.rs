use portal_domain::{Action, Alert, Notify as _};
use serde_json::json;

use crate::channels::stand_in::StandIn;
use crate::channels::{slack, tell};
use crate::notifications::{digest, notification, silence};

#[test]
fn slack_gets_a_text() {
    let stand_in = StandIn::answering("200 OK", "");
    let channel = slack(stand_in.url());
    let host = stand_in.url().trim_start_matches("http://").to_owned();

    assert_eq!(tell(&channel, &notification(Alert::Test, Action::Trigger, 1)), Ok(()));

    let request = stand_in.request();
    assert_eq!(request.line, "POST /services/T/B/X HTTP/1.1");
    assert_eq!(request.header("host"), Some(host.as_str()));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let user_agent = concat!("donation-portal/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(user_agent));
    let text = "This is a test alert. The channel works; no action is needed.";
    assert_eq!(request.body, json!({ "text": text }));
}

#[test]
fn slack_gets_the_end_of_a_problem_too() {
    let stand_in = StandIn::answering("200 OK", "");
    let channel = slack(stand_in.url());

    assert_eq!(tell(&channel, &notification(silence(), Action::Resolve, 1)), Ok(()));

    let text =
        "Resolved: events are received again.\nIt began at 2026-11-22 13:50 UTC and lasted 51 s.";
    assert_eq!(stand_in.request().body, json!({ "text": text }));
}

#[test]
fn slack_takes_every_alert() {
    let channel = slack("http://127.0.0.1");
    assert_eq!(channel.channel(), "slack-1");
    assert!([Alert::Test, digest(Vec::new()), silence()].iter().all(|it| channel.takes(it)));
}
