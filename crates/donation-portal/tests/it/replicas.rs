//! Two servers on one PostgreSQL database: nothing is lost and nothing is done twice, whichever
//! replica a delivery, a command or a signal reaches.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::channel::{Channel, Mood};
use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, OTHER_SECRET, dispute, gift};
use crate::support::home::{On, PROGRAM, TestHome};
use crate::support::http::{Answer, Connection, delivery};
use crate::support::server::Server;
use crate::support::{Result, at_once};
use portal_contract::{block_on, text};
use serde_json::{Value, json};

/// The time to wait for something that will happen soon.
const SOON: Duration = Duration::from_secs(20);

/// The time within which a channel must be notified: the monitor runs every 5 seconds, a notifier
/// every 2.
const NOTIFIED_SOON: Duration = Duration::from_secs(30);

fn replica(home: &TestHome) -> Command {
    let mut serve = home.configured(PROGRAM, &["serve"]);
    serve.env("DIGEST_AT", "off");
    serve
}

/// Starts two replicas at the same time on a database without a schema, and waits until they are
/// ready.
fn replicas(home: &TestHome) -> Result<[Server; 2]> {
    replicas_as(|| replica(home))
}

/// Starts two replicas that notify one channel.
fn replicas_with_channel(slack: &Channel, home: &TestHome) -> Result<[Server; 2]> {
    replicas_as(|| {
        let mut serve = replica(home);
        serve.env("SLACK_WEBHOOK_URL", slack.url());
        serve
    })
}

fn replicas_as(command: impl Fn() -> Command + Sync) -> Result<[Server; 2]> {
    let two = at_once(2, |_| started(command()))?;
    two.try_into().map_err(|_| "two threads have two outcomes".into())
}

/// Starts a server and waits until it is ready, which may take long on a busy machine.
fn started(mut command: Command) -> Result<Server> {
    let server = Server::start(&mut command)?;
    wait_for("it to be ready", SOON, || {
        let answer = server.get("/health/ready")?;
        Ok((answer.status == 200).then_some(()))
    })?;
    Ok(server)
}

/// Returns the number of log lines about events with this outcome, of all replicas.
fn logged(replicas: &[Server], outcome: &str) -> Result<usize> {
    let mut lines = 0;
    for replica in replicas {
        lines += replica.log()?.iter().filter(|line| line["outcome"] == outcome).count();
    }
    Ok(lines)
}

#[track_caller]
fn assert_delivered(server: &Server, body: &str) -> Result {
    let answer = server.deliver(body)?;
    assert_eq!(answer.status, 200, "{answer:?}");
    Ok(())
}

on_postgres! {
    replicas_that_start_at_once_make_one_schema_and_are_both_ready
    an_event_delivered_to_both_at_once_is_one_row_and_one_donation
    whichever_replica_answered_the_donation_is_there_at_once_and_both_know_the_event
    a_donation_outlives_the_replica_that_acknowledged_it
    a_dispute_that_both_replicas_notice_is_notified_once_and_so_is_its_end
    wrong_signatures_at_one_replica_are_notified_once_and_not_ended_by_the_other
    a_replica_that_ends_answers_what_it_took_and_the_other_goes_on
}

fn replicas_that_start_at_once_make_one_schema_and_are_both_ready() -> Result {
    let home = TestHome::on(On::Postgres)?;
    for replica in &replicas(&home)? {
        let answer = replica.get("/health/ready")?;
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"status":"ready"}"#));
    }
    let steps = home.server()?.ask("select version from schema_version order by version")?;
    let steps: BTreeSet<&str> = steps.lines().collect();
    assert_eq!(steps.len(), portal_postgres::SCHEMA_VERSION as usize, "{steps:?}");
    Ok(())
}

fn an_event_delivered_to_both_at_once_is_one_row_and_one_donation() -> Result {
    const EVENTS: usize = 40;
    let home = TestHome::on(On::Postgres)?;
    let replicas = replicas(&home)?;
    let all_ready = Barrier::new(8);
    at_once(8, |sender| {
        for event in 0..EVENTS {
            all_ready.wait();
            assert_delivered(&replicas[sender % 2], &gift(&event.to_string()))?;
        }
        Ok(())
    })?;
    let mut inbox = home.inbox()?;
    inbox.sort();
    let each = |prefix: &str| {
        let mut ids: Vec<_> = (0..EVENTS).map(|event| format!("{prefix}_{event}")).collect();
        ids.sort();
        ids
    };
    assert_eq!(inbox, each("evt"));
    assert_eq!(home.donations()?, each("pi"));
    wait_for("the logs to be written", SOON, || {
        Ok((logged(&replicas, "duplicate")? == 7 * EVENTS).then_some(()))
    })?;
    assert_eq!(logged(&replicas, "recorded")?, EVENTS);
    Ok(())
}

fn whichever_replica_answered_the_donation_is_there_at_once_and_both_know_the_event() -> Result {
    const GIFTS: usize = 60;
    let home = TestHome::on(On::Postgres)?;
    let replicas = replicas(&home)?;
    let store = home.store()?;
    for number in 0..GIFTS {
        let body = gift(&number.to_string());
        assert_delivered(&replicas[number % 2], &body)?;
        let donation = block_on(store.donation(&text(&format!("pi_{number}"))))?;
        assert!(donation.is_some(), "pi_{number}");
        assert_delivered(&replicas[(number + 1) % 2], &body)?;
    }
    wait_for("the logs to be written", SOON, || {
        Ok((logged(&replicas, "duplicate")? == GIFTS).then_some(()))
    })?;
    assert_eq!(logged(&replicas, "recorded")?, GIFTS);
    Ok(())
}

fn a_donation_outlives_the_replica_that_acknowledged_it() -> Result {
    let home = TestHome::on(On::Postgres)?;
    let [one, other] = replicas(&home)?;
    assert_delivered(&one, &gift("1"))?;
    // Dropping it sends SIGKILL.
    drop(one);
    assert_eq!(home.donations()?, ["pi_1"]);
    assert_delivered(&other, &gift("1"))?;
    assert_delivered(&other, &gift("2"))?;
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    assert_eq!(home.donations()?, ["pi_1", "pi_2"]);
    Ok(())
}

fn a_dispute_that_both_replicas_notice_is_notified_once_and_so_is_its_end() -> Result {
    let slack = Channel::open(Mood::Well)?;
    let home = TestHome::on(On::Postgres)?;
    let replicas = replicas_with_channel(&slack, &home)?;
    // On a busy machine there may be alerts about the service itself.
    let about_it = || {
        let mut texts = slack.texts();
        texts.retain(|text| text.contains("du_1"));
        texts
    };
    let notified = |notifications: usize| {
        wait_for("a notification", NOTIFIED_SOON, || {
            Ok((about_it().len() >= notifications).then_some(()))
        })
    };
    let all_ready = Barrier::new(4);
    for (notifications, status, created) in [(1, "needs_response", 0), (2, "won", 60)] {
        at_once(4, |sender| {
            all_ready.wait();
            let body = dispute(&format!("evt_{status}"), status, 1_790_000_000 + created);
            assert_delivered(&replicas[sender % 2], &body)
        })?;
        notified(notifications)?;
    }
    for replica in replicas {
        replica.stop()?;
    }
    let texts = about_it();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(!texts[0].contains("Resolved") && texts[1].contains("Resolved"), "{texts:?}");
    Ok(())
}

/// The other replica notices no trouble, and must not take that for its end.
fn wrong_signatures_at_one_replica_are_notified_once_and_not_ended_by_the_other() -> Result {
    let slack = Channel::open(Mood::Well)?;
    let home = TestHome::on(On::Postgres)?;
    let [one, _other] = replicas_with_channel(&slack, &home)?;
    for number in 0..8 {
        let body = gift(&number.to_string());
        let forged =
            event::signature_at(event::seconds_from_now(0)?, OTHER_SECRET, body.as_bytes())?;
        assert_eq!(one.post(&body, Some(&forged))?.status, 400);
    }
    // The other one has run four times then, every five seconds.
    let watch = Stopwatch::start();
    let noticed = wait_for("a burst that goes on", 2 * NOTIFIED_SOON, || {
        let listed = home.run(&["alerts", "list", "--format", "json"])?;
        let about_it = |line: &&str| line.contains("signature_refusals");
        let Some(line) = listed.stdout.lines().find(about_it) else { return Ok(None) };
        let alert: Value = serde_json::from_str(line)?;
        assert_eq!(alert["state"], "open", "{alert}");
        Ok((watch.elapsed() >= Duration::from_secs(20)).then_some(alert))
    })?;
    assert_eq!(noticed["notified"], json!(["slack-1"]));
    let texts = slack.texts();
    let notified = texts.iter().filter(|text| text.contains("a wrong signing secret")).count();
    assert_eq!(notified, 1, "{texts:?}");
    Ok(())
}

/// As behind a load balancer, a sender whose connection is closed delivers to the other replica.
fn a_replica_that_ends_answers_what_it_took_and_the_other_goes_on() -> Result {
    let home = TestHome::on(On::Postgres)?;
    let [mut one, other] = replicas(&home)?;
    let by_one = AtomicUsize::new(0);
    let acknowledged = std::thread::scope(|scope| {
        let senders = scope.spawn(|| {
            at_once(6, |sender| deliver_to_one_and_then_the_other(&one, &other, sender, &by_one))
        });
        let loaded =
            wait_for("load", SOON, || Ok((by_one.load(Ordering::Relaxed) >= 60).then_some(())));
        one.signal("TERM")?;
        let senders = senders.join().map_err(|_| "the senders panicked")?;
        loaded?;
        senders
    })?;
    assert_eq!(one.ended()?.code(), Some(0));
    let acknowledged: BTreeSet<String> = acknowledged.into_iter().flatten().collect();
    let inbox = home.inbox()?;
    assert_eq!(inbox.len(), acknowledged.len());
    assert_eq!(inbox.into_iter().collect::<BTreeSet<_>>(), acknowledged);
    assert_eq!(home.server()?.ask("select count(*) from payment")?, acknowledged.len().to_string());
    Ok(())
}

/// Delivers on one connection to `one` until it is closed, then some more to `other`.
fn deliver_to_one_and_then_the_other(
    one: &Server,
    other: &Server,
    sender: usize,
    by_one: &AtomicUsize,
) -> Result<Vec<String>> {
    const BY_OTHER: usize = 10;
    let mut connection = Some(one.connect()?);
    let mut acknowledged = Vec::new();
    let mut by_other = 0;
    while by_other < BY_OTHER {
        let name = format!("{sender}_{}", acknowledged.len());
        let body = gift(&name);
        let answer = connection.as_mut().map(|it| answer_on(it, &body)).transpose()?.flatten();
        if let Some(answer) = answer {
            assert_eq!(answer.status, 200, "{answer:?}");
            by_one.fetch_add(1, Ordering::Relaxed);
        } else {
            connection = None;
            assert_delivered(other, &body)?;
            by_other += 1;
        }
        acknowledged.push(format!("evt_{name}"));
    }
    Ok(acknowledged)
}

/// Returns the answer to a delivery, or `None` if the connection was closed.
fn answer_on(connection: &mut Connection, body: &str) -> Result<Option<Answer>> {
    let signature = event::signature(body.as_bytes())?;
    match connection.send(delivery(body, &signature)) {
        Ok(()) => connection.answer(),
        Err(_) => Ok(None),
    }
}
