//! Alerts: every channel is notified of each trouble once, and of its end, however channels fail.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::support::channel::{Channel, Mood};
use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, OTHER_SECRET, dispute, payment};
use crate::support::home::{PROGRAM, TestHome, finish};
use crate::support::server::Server;
use crate::support::{Result, at_once};
use rusqlite::Connection as Database;
use serde_json::Value;

/// The time within which a channel must be notified: the monitor runs every 5 seconds, a notifier
/// every 2, and its first retry comes after 10.
const SOON: Duration = Duration::from_secs(30);

/// The time that an acknowledgement may take while a channel hangs.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(1);

const ROUTING_KEY: &str = "0123456789abcdef0123456789abcdef";

fn serve(home: &TestHome) -> Command {
    let mut serve = home.configured(PROGRAM, &["serve"]);
    serve.env("DIGEST_AT", "off");
    serve
}

fn serve_with_slack(home: &TestHome, slack: &Channel) -> Result<Server> {
    Server::start(serve(home).env("SLACK_WEBHOOK_URL", slack.url()))
}

fn deliver(server: &Server, body: &str) -> Result {
    let answer = server.deliver(body)?;
    assert_eq!(answer.status, 200, "{answer:?}");
    Ok(())
}

/// Waits until the channel has accepted this number of notifications, and returns their texts.
fn notified(channel: &Channel, notifications: usize) -> Result<Vec<String>> {
    wait_for("a notification", SOON, || {
        let texts = channel.texts();
        Ok((texts.len() >= notifications).then_some(texts))
    })
}

#[test]
fn a_dispute_reaches_every_channel_once_and_so_does_its_end() -> Result {
    let (slack, discord) = (Channel::open(Mood::Well)?, Channel::open(Mood::Well)?);
    let pagerduty = Channel::open(Mood::Well)?;
    let home = TestHome::new()?;
    let mut serve = serve(&home);
    let two = format!("{0},{0}", slack.url());
    serve.env("SLACK_WEBHOOK_URL", two).env("DISCORD_WEBHOOK_URL", discord.url());
    serve.env("PAGERDUTY_ROUTING_KEY", ROUTING_KEY);
    serve.env("PAGERDUTY_EVENTS_URL", pagerduty.url()).env("ALERT_LANGUAGE", "ja");
    let server = Server::start(&mut serve)?;
    deliver(&server, &dispute("evt_1", "needs_response", 1_790_000_000))?;
    deliver(&server, &dispute("evt_2", "under_review", 1_790_000_060))?;
    for text in notified(&slack, 2)?.iter().chain(&notified(&discord, 1)?) {
        assert!(text.contains("du_1") && text.contains("25.00 USD"), "{text}");
        assert!(text.contains('。'), "{text}");
    }
    notified(&pagerduty, 1)?;
    let incident = |number: usize| -> Value { pagerduty.taken()[number].clone() };
    assert_eq!(incident(0)["event_action"], "trigger");
    assert_eq!(incident(0)["routing_key"], ROUTING_KEY);

    deliver(&server, &dispute("evt_3", "won", 1_790_000_120))?;
    notified(&slack, 4)?;
    notified(&discord, 2)?;
    notified(&pagerduty, 2)?;
    assert_eq!(incident(1)["event_action"], "resolve");
    assert_eq!(incident(1)["dedup_key"], incident(0)["dedup_key"]);
    server.stop()?;
    assert_eq!([slack.taken().len(), discord.taken().len(), pagerduty.taken().len()], [4, 2, 2]);
    Ok(())
}

#[test]
fn a_channel_that_is_unwell_delays_no_acknowledgement_and_loses_no_alert() -> Result {
    let moods = [
        Mood::Hangs,
        Mood::Answers(500, "X-Well: no"),
        Mood::Answers(429, "Retry-After: 1"),
        Mood::Answers(302, "Location: http://127.0.0.1:9/"),
    ];
    at_once(moods.len(), |number| notified_in_the_end(moods[number])).map(drop)
}

fn notified_in_the_end(mood: Mood) -> Result {
    let slack = Channel::open(mood)?;
    let home = TestHome::new()?;
    let server = serve_with_slack(&home, &slack)?;
    deliver(&server, &dispute("evt_1", "needs_response", 1_790_000_000))?;
    wait_for("an attempt", SOON, || Ok((slack.turned_away() > 0).then_some(())))?;
    for number in 0..50 {
        let watch = Stopwatch::start();
        deliver(&server, &payment(&format!("evt_while_{number}")))?;
        assert!(watch.elapsed() < ACKNOWLEDGED_WITHIN, "{:?}", watch.elapsed());
    }
    assert_eq!(slack.texts(), [""; 0]);
    slack.becomes(Mood::Well);
    notified(&slack, 1)?;
    server.stop()?;
    assert_eq!(slack.taken().len(), 1);
    Ok(())
}

#[test]
fn an_alert_outlives_the_server_that_could_not_send_it() -> Result {
    let slack = Channel::open(Mood::Answers(500, "X-Well: no"))?;
    let home = TestHome::new()?;
    let server = serve_with_slack(&home, &slack)?;
    deliver(&server, &dispute("evt_1", "needs_response", 1_790_000_000))?;
    wait_for("an attempt", SOON, || Ok((slack.turned_away() > 0).then_some(())))?;
    drop(server);
    slack.becomes(Mood::Well);
    // The lease of the killed server ends, or the pause after an attempt that it could write down.
    Database::open(home.database())?.execute("update notification set due_at = 0", [])?;
    let server = serve_with_slack(&home, &slack)?;
    notified(&slack, 1)?;
    server.stop()?;
    let server = serve_with_slack(&home, &slack)?;
    deliver(&server, &dispute("evt_2", "lost", 1_790_000_300))?;
    notified(&slack, 2)?;
    server.stop()?;
    assert_eq!(slack.taken().len(), 2);
    Ok(())
}

#[test]
fn an_alert_about_wrong_signatures_names_the_likely_cause() -> Result {
    let slack = Channel::open(Mood::Well)?;
    let home = TestHome::new()?;
    let server = serve_with_slack(&home, &slack)?;
    for number in 0..8 {
        let body = payment(&format!("evt_{number}"));
        let now = event::seconds_from_now(0)?;
        let forged = event::signature_at(now, OTHER_SECRET, body.as_bytes())?;
        assert_eq!(server.post(&body, Some(&forged))?.status, 400);
    }
    let texts = notified(&slack, 1)?;
    assert!(texts[0].contains("a wrong signing secret"), "{texts:?}");
    server.stop()?;
    assert_eq!(slack.taken().len(), 1);
    Ok(())
}

/// The alert is sent once, and retrying the event ends it.
#[test]
fn an_alert_about_a_dead_event_ends_when_it_is_retried() -> Result {
    let slack = Channel::open(Mood::Well)?;
    let home = TestHome::new()?;
    let server = serve_with_slack(&home, &slack)?;
    deliver(&server, &payment("evt_1").replace(r#""currency":"jpy","#, ""))?;
    let texts = notified(&slack, 1)?;
    assert!(texts[0].contains("evt_1") && texts[0].contains("facts_missing"), "{texts:?}");
    let dead = home.list(&["--state", "dead"])?;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0]["reason"], "facts_missing");

    let ignored = home.run(&["events", "ignore", "--state", "dead", "--yes"])?;
    assert_eq!(ignored.code, Some(0), "{}", ignored.stderr);
    let texts = notified(&slack, 2)?;
    assert!(texts[1].contains("Resolved"), "{texts:?}");
    server.stop()?;
    assert_eq!(slack.taken().len(), 2);
    Ok(())
}

/// The store cannot keep an alert about itself, so the alert is sent directly, and once.
#[test]
fn an_alert_about_a_store_that_takes_no_writes_needs_no_store() -> Result {
    let slack = Channel::open(Mood::Well)?;
    let home = TestHome::new()?;
    let server = serve_with_slack(&home, &slack)?;
    deliver(&server, &payment("evt_1"))?;
    let away = home.path("away.db");
    fs::rename(home.database(), &away)?;
    assert_eq!(server.deliver(payment("evt_2"))?.status, 503);
    let texts = notified(&slack, 1)?;
    assert!(texts[0].contains("store_missing"), "{texts:?}");
    fs::rename(&away, home.database())?;
    deliver(&server, &payment("evt_2"))?;
    // By way of the store the channel is not notified of it again. The end needs two quiet minutes, for
    // which the tests of `portal-service` have a clock.
    wait_for("the alert in the store", SOON, || {
        let listed = home.run(&["alerts", "list", "--format", "json"])?.stdout;
        Ok(listed.contains(r#""notified":["slack-1"]"#).then_some(()))
    })?;
    server.stop()?;
    assert_eq!(slack.taken().len(), 1, "{:?}", slack.texts());
    Ok(())
}

#[test]
fn the_digest_of_yesterday_comes_once() -> Result {
    let slack = Channel::open(Mood::Well)?;
    let home = TestHome::new()?;
    let server = Server::start(&mut serve(&home))?;
    deliver(&server, &payment("evt_1"))?;
    server.stop()?;
    // Days before the first event have none.
    home.has_run_before()?;
    for _ in 0..2 {
        let mut serve = serve(&home);
        serve.env("SLACK_WEBHOOK_URL", slack.url());
        serve.env("DIGEST_AT", "00:00").env("TIME_ZONE", "Asia/Tokyo");
        let server = Server::start(&mut serve)?;
        notified(&slack, 1)?;
        server.stop()?;
    }
    assert_eq!(slack.taken().len(), 1);
    Ok(())
}

#[test]
fn a_test_alert_goes_to_each_channel_and_its_result_is_printed() -> Result {
    let (slack, pagerduty) = (Channel::open(Mood::Well)?, Channel::open(Mood::Well)?);
    let discord = Channel::open(Mood::Answers(404, "X-Well: no"))?;
    let home = TestHome::new()?;
    let test = |discord_url: Option<String>| {
        let mut test = home.configured(PROGRAM, &["alerts", "test"]);
        test.env("SLACK_WEBHOOK_URL", slack.url()).env("PAGERDUTY_ROUTING_KEY", ROUTING_KEY);
        test.env("PAGERDUTY_EVENTS_URL", pagerduty.url());
        // An empty variable counts as not set.
        test.env("DISCORD_WEBHOOK_URL", discord_url.unwrap_or_default());
        finish(&mut test)
    };
    let all_well = test(None)?;
    assert_eq!((all_well.code, all_well.stderr.as_str()), (Some(0), ""));
    assert_eq!(all_well.stdout, "slack-1: notified\npagerduty-1: notified\n");
    assert_eq!([slack.taken().len(), pagerduty.taken().len()], [1, 1]);

    let one_unwell = test(Some(discord.url()))?;
    assert_eq!(one_unwell.code, Some(1));
    assert!(one_unwell.stdout.contains("discord-1: failed: it answered 404\n"));
    assert_eq!(home.run(&["alerts", "test"])?.code, Some(2));
    Ok(())
}

/// An address is a secret, because it lets anybody write to the channel.
#[test]
fn no_address_is_ever_printed() -> Result {
    let slack = Channel::open(Mood::Answers(500, "X-Well: no"))?;
    let home = TestHome::new()?;
    let url = format!("{}/T0-very-secret", slack.url());
    for args in [&["config"][..], &["alerts", "test"]] {
        let said = finish(home.configured(PROGRAM, args).env("SLACK_WEBHOOK_URL", &url))?;
        assert!(!said.all().contains("very-secret"), "{}", said.all());
    }
    for wrong in ["http://hooks.example/very-secret", "very secret", "ftp://very-secret"] {
        let said = finish(home.configured(PROGRAM, &["config"]).env("SLACK_WEBHOOK_URL", wrong))?;
        assert_eq!(said.code, Some(2), "{wrong}");
        assert!(!said.all().contains("secret"), "{}", said.all());
    }
    let mut serve = serve(&home);
    let server = Server::start(serve.env("SLACK_WEBHOOK_URL", &url).env("RUST_LOG", "trace"))?;
    deliver(&server, &dispute("evt_1", "needs_response", 1_790_000_000))?;
    wait_for("an attempt", SOON, || Ok((slack.turned_away() > 1).then_some(())))?;
    let said = String::from_utf8_lossy(&server.stop()?).into_owned();
    assert!(said.contains("notify_failed") && !said.contains("very-secret"), "{said}");
    Ok(())
}
