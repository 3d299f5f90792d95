use portal_domain::{Action, Alert, Kind, Notify as _, UnixSeconds};
use serde_json::json;

use crate::channels::{discord, sent};
use crate::notifications::{digest, notification, silence, total};

#[test]
fn discord_gets_a_text_that_mentions_nobody() {
    let (request, body) =
        sent(discord, &notification(Alert::test(UnixSeconds::default()), Action::Trigger, 1));
    assert_eq!(request.target(), ("POST", "/api/webhooks/1/token"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let text = "🔵 This is a test alert. The channel works; no action is needed.\nFrom web-1.";
    let expected = json!({
        "embeds": [{ "description": text, "color": 0x15_65C0 }],
        "allowed_mentions": { "parse": [] },
    });
    assert_eq!(body, expected);
}

#[test]
fn discord_gets_the_end_of_a_problem_too() {
    let (_, body) = sent(discord, &notification(silence(), Action::Resolve, 3));
    let text = "✅ Resolved: events are received again.\n\
                It began at 2026-11-22 13:50 UTC and lasted 51 s. From web-1.";
    assert_eq!(body["embeds"][0]["description"], text);
}

#[test]
fn discord_takes_every_alert() {
    let channel = discord("http://127.0.0.1");
    assert_eq!(channel.channel(), "discord-1");
    assert!(
        [Alert::test(UnixSeconds::default()), digest(Vec::new()), silence()]
            .iter()
            .all(|it| channel.takes(it))
    );
}

#[test]
fn the_longest_digest_is_not_too_long() {
    let mut largest = total("usd", Kind::Invoice, false, u64::MAX, i64::MIN);
    largest.net = i64::MIN + 1;

    let (_, body) = sent(discord, &notification(digest(vec![largest; 100]), Action::Trigger, 1));

    let text = body["embeds"][0]["description"].as_str().unwrap();
    assert!(text.chars().count() <= 4096, "{}", text.chars().count());
    assert!(text.contains("\n… and 90 more\n"), "{text}");
    let last = "5 dead, 4 awaiting their object.\nReached the bank: 30,641 JPY in 2 payouts, 1 explained.\nFrom web-1.";
    assert!(text.ends_with(last), "{text}");
}
