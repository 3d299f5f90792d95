//! Events come in: each once, and only Stripe's.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what is not there fails the test"
)]

#[path = "../../portal-domain/tests/support/bad_bodies.rs"]
mod bad_bodies;
#[expect(dead_code, reason = "each file of tests needs another part")]
mod support;

use std::fs;
use std::sync::Barrier;
use std::time::Duration;

use serde_json::json;
use support::event::{self, OTHER_SECRET, SECRET, payment};
use support::home::{Home, On, PROGRAM};
use support::http::{Answer, delivery_head};
use support::server::Server;
use support::{Result, at_once, clock};

/// How soon an event must be settled.
const SOON: Duration = Duration::from_secs(10);

/// Asserts that an event was taken in.
#[track_caller]
fn assert_received(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body, r#"{"received":true}"#);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// Asserts that a delivery was refused, in those words.
#[track_caller]
fn assert_refused(answer: &Answer, message: &str) {
    let body = json!({ "error": { "code": "bad_request", "message": message } });
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.body, body.to_string());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

crate::on_each_store! {
    a_test_event_is_received_and_a_repeat_is_received_as_well
    a_delivery_leaves_one_line_in_the_log
    a_wrong_signature_is_refused_and_nothing_is_kept
    a_signed_body_that_is_no_event_is_refused_and_the_server_goes_on
    an_id_of_255_characters_is_kept_whole
    an_event_of_before_a_restart_is_a_repeat_after_it
    an_event_of_before_a_kill_is_a_repeat_after_it
    an_event_delivered_32_times_at_once_is_one_event
    two_servers_on_one_database_keep_an_event_once
    an_event_of_an_unknown_type_is_received_and_ignored
    a_connected_account_s_event_is_received_and_ignored
    the_inbox_can_be_listed_while_events_come_in
}

fn a_test_event_is_received_and_a_repeat_is_received_as_well(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    assert_received(&server.deliver(payment("evt_1"))?);
    assert_received(&server.deliver(payment("evt_1"))?);
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

#[test]
fn a_repeat_writes_nothing() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    assert_received(&server.deliver(payment("evt_1"))?);
    clock::wait_for("the event to be settled", SOON, || {
        Ok((home.list(&["--state", "done"])?.len() == 1).then_some(()))
    })?;
    let written = || -> Result<[Vec<u8>; 2]> {
        let log = home.path("portal.db-wal");
        Ok([fs::read(home.database())?, fs::read(log)?])
    };
    let before = written()?;
    assert_received(&server.deliver(payment("evt_1"))?);
    assert_received(&server.deliver(event::event("evt_1", "charge.failed"))?);
    assert!(written()? == before, "a repeat changed the database");
    assert_received(&server.deliver(payment("evt_2"))?);
    assert!(written()? != before, "a new event did not");
    Ok(())
}

fn a_delivery_leaves_one_line_in_the_log(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    for outcome in ["recorded", "duplicate"] {
        server.deliver(payment("evt_1"))?;
        let line = server.logged(|line| line["outcome"] == outcome)?;
        assert_eq!(line["event_id"], "evt_1");
        assert_eq!(line["event_type"], "payment_intent.succeeded");
        assert_eq!(line["livemode"], false);
        assert_eq!(line["status"], 200);
        assert!(line["elapsed_ms"].is_u64(), "{line}");
        assert_eq!(line["level"], "INFO");
    }
    let of_deliveries = |line: &&serde_json::Value| line.get("status").is_some();
    assert_eq!(server.log()?.iter().filter(of_deliveries).count(), 2);
    Ok(())
}

fn a_wrong_signature_is_refused_and_nothing_is_kept(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let now = event::seconds_from_now(0)?;
    let forged = event::signature_at(now, OTHER_SECRET, body.as_bytes())?;
    assert_refused(&server.post(&body, Some(&forged))?, "the signature matches no secret");
    let line = server.logged(|line| line["outcome"] == "rejected")?;
    assert_eq!(line["reason"], "no_match");
    assert_eq!(line["status"], 400);
    let (_, v1) = forged.split_once("v1=").unwrap();
    assert!(!server.text().contains(v1), "the signature is in the log");
    assert!(!server.text().contains("evt_1"), "the body is in the log");
    assert_eq!(home.inbox()?, [""; 0]);
    Ok(())
}

#[test]
fn a_body_that_was_changed_is_refused() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    let signature = event::signature(payment("evt_1").as_bytes())?;
    let answer = server.post(payment("evt_1") + "\n", Some(&signature))?;
    assert_refused(&answer, "the signature matches no secret");
    let answer = server.post(payment("evt_2"), Some(&signature))?;
    assert_refused(&answer, "the signature matches no secret");
    assert_eq!(home.inbox()?, [""; 0]);
    assert_received(&server.post(payment("evt_1"), Some(&signature))?);
    Ok(())
}

#[test]
fn a_delivery_without_a_signature_is_refused() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    let answer = server.post(payment("evt_1"), None)?;
    assert_refused(&answer, "the Stripe-Signature header is missing");
    server.logged(|line| line["reason"] == "no_header")?;
    assert_eq!(home.inbox()?, [""; 0]);
    Ok(())
}

#[test]
fn a_malformed_signature_is_refused() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    let answer = server.post(&body, Some("potato"))?;
    assert_refused(&answer, "the Stripe-Signature header is malformed");

    // Twice the right one.
    let signature = event::signature(body.as_bytes())?;
    let twice = format!("{signature}\r\nStripe-Signature: {signature}");
    let answer = server.say(delivery_head(body.len(), &twice) + &body)?;
    assert_refused(&answer.unwrap(), "the Stripe-Signature header is malformed");
    server.logged(|line| line["reason"] == "malformed_header")?;
    assert_eq!(home.inbox()?, [""; 0]);
    Ok(())
}

#[test]
fn a_signature_of_another_time_is_refused_and_the_log_says_by_how_much() -> Result {
    let home = Home::new()?;
    let server = home.serve()?;
    let body = payment("evt_1");
    for (seconds, ages) in [(-400, 400..=460), (400, -400..=-340)] {
        let moment = event::seconds_from_now(seconds)?;
        let stale = event::signature_at(moment, SECRET, body.as_bytes())?;
        assert_refused(
            &server.post(&body, Some(&stale))?,
            "the signature's timestamp is outside the tolerance",
        );
        let line = server.logged(|line| {
            let age = line["age_seconds"].as_i64();
            age.is_some_and(|age| ages.contains(&age))
        })?;
        assert_eq!(line["reason"], "timestamp_outside_tolerance");
    }
    assert_eq!(home.inbox()?, [""; 0]);
    let a_little_old = event::seconds_from_now(-200)?;
    let signature = event::signature_at(a_little_old, SECRET, body.as_bytes())?;
    assert_received(&server.post(&body, Some(&signature))?);
    Ok(())
}

#[test]
fn the_tolerance_can_be_narrowed() -> Result {
    let home = Home::new()?;
    let server = Server::start(
        home.configured(PROGRAM, &["serve"]).env("SIGNATURE_TOLERANCE_SECONDS", "60"),
    )?;
    let body = payment("evt_1");
    let at =
        |seconds| event::signature_at(event::seconds_from_now(seconds)?, SECRET, body.as_bytes());
    assert_refused(
        &server.post(&body, Some(&at(-90)?))?,
        "the signature's timestamp is outside the tolerance",
    );
    assert_received(&server.post(&body, Some(&at(-10)?))?);
    Ok(())
}

#[test]
fn while_a_secret_is_rolled_both_are_good() -> Result {
    let home = Home::new()?;
    let server = Server::start(
        home.configured(PROGRAM, &["serve"])
            .env("STRIPE_WEBHOOK_SECRET", format!("{OTHER_SECRET},{SECRET}")),
    )?;
    let now = event::seconds_from_now(0)?;
    for (id, secret) in [("evt_1", SECRET), ("evt_2", OTHER_SECRET)] {
        let signature = event::signature_at(now, secret, payment(id).as_bytes())?;
        assert_received(&server.post(payment(id), Some(&signature))?);
    }
    let third = event::signature_at(now, "whsec_third", payment("evt_3").as_bytes())?;
    assert_eq!(server.post(payment("evt_3"), Some(&third))?.status, 400);
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    Ok(())
}

fn a_signed_body_that_is_no_event_is_refused_and_the_server_goes_on(on: On) -> Result {
    let home = Home::on(on)?;
    let mut server = home.serve()?;
    let bodies = bad_bodies::all();
    assert!(bodies.len() > 100, "{}", bodies.len());
    for bad in &bodies {
        let answer = server.deliver(&bad.body)?;
        assert_eq!(answer.status, 400, "{}: {answer:?}", bad.what);
        assert_eq!(answer.error_code()?, "bad_request", "{}", bad.what);
    }
    assert_eq!(home.inbox()?, [""; 0]);
    assert_received(&server.deliver(bad_bodies::EVENT)?);
    server.logged(|line| line["outcome"] == "recorded")?;
    let log = server.log()?;
    let rejected = log.iter().filter(|line| line["outcome"] == "rejected");
    let reasons: Vec<_> = rejected.map(|line| line["reason"].clone()).collect();
    let due: Vec<_> = bodies.iter().map(|bad| bad.reason).collect();
    assert_eq!(reasons, due);
    assert!(server.lives()?);
    assert!(!server.text().contains("panicked"));
    Ok(())
}

fn an_id_of_255_characters_is_kept_whole(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    let id = format!("evt_{}", "x".repeat(251));
    assert_received(&server.deliver(payment(&id))?);
    assert_eq!(server.deliver(payment(&(id.clone() + "x")))?.status, 400);
    assert_eq!(home.inbox()?, [id]);
    Ok(())
}

fn an_event_of_before_a_restart_is_a_repeat_after_it(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    assert_received(&server.deliver(payment("evt_1"))?);
    server.stop()?;

    let server = home.serve()?;
    assert_received(&server.deliver(payment("evt_1"))?);
    server.logged(|line| line["outcome"] == "duplicate")?;
    assert_received(&server.deliver(payment("evt_2"))?);
    server.stop()?;
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    Ok(())
}

fn an_event_of_before_a_kill_is_a_repeat_after_it(on: On) -> Result {
    let home = Home::on(on)?;
    let mut server = home.serve()?;
    assert_received(&server.deliver(payment("evt_1"))?);
    server.signal("KILL")?;
    server.ended()?;

    let server = home.serve()?;
    assert_eq!(home.inbox()?, ["evt_1"]);
    assert_received(&server.deliver(payment("evt_1"))?);
    server.logged(|line| line["outcome"] == "duplicate")?;
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

fn an_event_delivered_32_times_at_once_is_one_event(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    let all_ready = Barrier::new(32);
    let answers = at_once(32, |_| {
        all_ready.wait();
        server.deliver(payment("evt_1"))
    })?;
    assert_eq!(answers.len(), 32);
    answers.iter().for_each(assert_received);
    assert_eq!(home.inbox()?, ["evt_1"]);
    let outcome = |outcome: &str| -> Result<usize> {
        let log = server.log()?;
        Ok(log.iter().filter(|line| line["outcome"] == outcome).count())
    };
    server.logged(|_| outcome("duplicate").is_ok_and(|count| count == 31))?;
    assert_eq!(outcome("recorded")?, 1);
    Ok(())
}

fn two_servers_on_one_database_keep_an_event_once(on: On) -> Result {
    let home = Home::on(on)?;
    let servers = [home.serve()?, home.serve()?];
    let all_ready = Barrier::new(16);
    let answers = at_once(16, |number| {
        all_ready.wait();
        let mut answers = Vec::new();
        for event in 0..5 {
            let server = &servers[number % 2];
            answers.push(server.deliver(payment(&format!("evt_{event}")))?);
        }
        Ok(answers)
    })?;
    answers.iter().flatten().for_each(assert_received);
    let mut inbox = home.inbox()?;
    inbox.sort();
    assert_eq!(inbox, ["evt_0", "evt_1", "evt_2", "evt_3", "evt_4"]);
    Ok(())
}

fn an_event_of_an_unknown_type_is_received_and_ignored(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    assert_received(&server.deliver(event::event("evt_1", "radar.early_fraud_warning.created"))?);
    let listed = home.list(&[])?;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], "evt_1");
    assert_eq!(listed[0]["type"], "radar.early_fraud_warning.created");
    assert_eq!(listed[0]["state"], "ignored");
    let shown = home.run(&["events", "show", "evt_1", "--format", "json"])?;
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout)?;
    assert_eq!(shown["reason"], "unknown_type");
    assert_eq!(shown["facts"], json!(null));
    Ok(())
}

fn a_connected_account_s_event_is_received_and_ignored(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    for name in [
        "2024-06-20/connect.payment_intent.succeeded.usd.json",
        "thin/v1.payment_intent.succeeded.connect_context.json",
    ] {
        let sample = event::sample(name)?;
        assert_received(&server.deliver(&sample.body)?);
        let shown = home.run(&["events", "show", &sample.id, "--format", "json"])?;
        let shown: serde_json::Value = serde_json::from_str(&shown.stdout)?;
        assert_eq!(shown["state"], "ignored", "{name}");
        assert_eq!(shown["reason"], "connected_account", "{name}");
        assert_eq!(shown["account"], "acct_1ConnectedDemo000001", "{name}");
        assert_eq!(shown["facts"], json!(null), "{name}");
    }
    Ok(())
}

fn the_inbox_can_be_listed_while_events_come_in(on: On) -> Result {
    let home = Home::on(on)?;
    let server = home.serve()?;
    let listed = at_once(2, |number| match number {
        0 => {
            for event in 0..50 {
                assert_received(&server.deliver(payment(&format!("evt_{event}")))?);
            }
            Ok(Vec::new())
        }
        _ => (0..10).map(|_| Ok(home.list(&["--limit", "100"])?.len())).collect(),
    })?;
    let [_, listed] = &listed[..] else {
        return Err("two threads have two outcomes".into());
    };
    assert_eq!(listed.len(), 10);
    assert!(listed.is_sorted(), "{listed:?}");
    assert_eq!(home.list(&["--limit", "100"])?.len(), 50);
    Ok(())
}
