use portal_domain::{Action, Alert, Notify as _, UnixSeconds};
use serde_json::json;

use crate::channels::{sent, slack};
use crate::notifications::{digest, notification, silence, store_unavailable};

#[test]
fn slack_gets_a_text() {
    let (request, body) =
        sent(slack, &notification(Alert::test(UnixSeconds::default()), Action::Trigger, 1));
    assert_eq!(request.target(), ("POST", "/services/T/B/X"));
    assert!(request.header("host").unwrap().starts_with("127.0.0.1:"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let user_agent = concat!("donation-portal/", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(user_agent));
    let said = "🔵 This is a test alert. The channel works; no action is needed.";
    let expected = json!({
        "text": format!("{said}\nFrom web-1."),
        "blocks": [
            { "type": "section", "text": { "type": "mrkdwn", "text": said } },
            { "type": "context", "elements": [{ "type": "mrkdwn", "text": "From web-1." }] },
        ],
    });
    assert_eq!(body, expected);
}

#[test]
fn slack_gets_the_end_of_a_problem_too() {
    let (_, body) = sent(slack, &notification(silence(), Action::Resolve, 1));
    let text = "✅ Resolved: events are received again.\n\
                It began at 2026-11-22 13:50 UTC and lasted 51 s. From web-1.";
    assert_eq!(body["text"], text);
}

#[test]
fn slack_shows_the_severity_the_commands_the_page_and_the_section_of_the_runbook() {
    let (_, body) = sent(slack, &notification(store_unavailable(), Action::Trigger, 1));
    let block = |place: usize| body["blocks"][place]["text"]["text"].as_str().unwrap_or_default();
    assert!(block(0).starts_with("🔴 Events cannot be stored (store_full)."), "{body}");
    assert!(block(1).ends_with("\n```\ndf -h\n```"), "{body}");
    let about = body["blocks"][2]["elements"][0]["text"].as_str().unwrap_or_default();
    let link = "<https://console.example/ops/alerts/store_unavailable|console>\n<https://runbook.example/#store_unavailable|runbook: store_unavailable>";
    assert!(about.ends_with(link), "{body}");
}

#[test]
fn slack_takes_every_alert() {
    let channel = slack("http://127.0.0.1");
    assert_eq!(channel.channel(), "slack-1");
    assert!(
        [Alert::test(UnixSeconds::default()), digest(Vec::new()), silence()]
            .iter()
            .all(|it| channel.takes(it))
    );
}
