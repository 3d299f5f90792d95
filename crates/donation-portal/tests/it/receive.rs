//! Receiving events: each is recorded once, and only with Stripe's signature.

use std::fs;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use crate::support::event::{self, OTHER_SECRET, SECRET, gift, payment};
use crate::support::home::{On, PROGRAM, TestHome};
use crate::support::http::Answer;
use crate::support::server::Server;
use crate::support::{Result, at_once, clock};
use portal_contract::{block_on, text};
use serde_json::json;

/// Asserts that a delivery was acknowledged.
#[track_caller]
fn assert_received(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body, r#"{"received":true}"#);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

on_each_store! {
    after_each_acknowledgement_the_donation_is_there_at_once
    an_event_of_before_a_restart_is_a_repeat_after_it
    an_event_of_before_a_kill_is_a_repeat_after_it
    two_servers_on_one_database_keep_an_event_once
    an_event_of_an_unknown_type_is_received_and_ignored
    an_event_of_a_connected_account_is_received_and_ignored
    the_inbox_can_be_listed_while_events_come_in
}

#[test]
fn a_repeat_writes_nothing() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_received(&server.deliver(payment("evt_1"))?);
    let written = || -> Result<[Vec<u8>; 2]> {
        let log = home.path("portal.db-wal");
        Ok([fs::read(home.database())?, fs::read(log)?])
    };
    // The server reads the delivery history when it starts, and stores its summary.
    let before = clock::wait_for("the server to have started", Duration::from_secs(10), || {
        let before = written()?;
        thread::sleep(Duration::from_millis(300));
        Ok((written()? == before).then_some(before))
    })?;
    assert_received(&server.deliver(payment("evt_1"))?);
    assert_received(&server.deliver(event::event("evt_1", "charge.failed"))?);
    assert!(written()? == before, "a repeat changed the database");
    assert_received(&server.deliver(payment("evt_2"))?);
    assert!(written()? != before, "a new event did not");
    Ok(())
}

#[test]
fn the_tolerance_can_be_narrowed() -> Result {
    let home = TestHome::new()?;
    let server = Server::start(
        home.configured(PROGRAM, &["serve"]).env("SIGNATURE_TOLERANCE_SECONDS", "60"),
    )?;
    let body = payment("evt_1");
    let at =
        |seconds| event::signature_at(event::seconds_from_now(seconds)?, SECRET, body.as_bytes());
    let answer = server.post(&body, Some(&at(-90)?))?;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.body.contains("outside the tolerance"), "{answer:?}");
    assert_received(&server.post(&body, Some(&at(-10)?))?);
    Ok(())
}

#[test]
fn while_a_secret_is_rolled_both_are_good() -> Result {
    let home = TestHome::new()?;
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

fn after_each_acknowledgement_the_donation_is_there_at_once(on: On) -> Result {
    const SENDERS: usize = 8;
    const GIFTS_OF_EACH: usize = 50;
    const SHOWN_ONE_IN: usize = 25;
    let home = TestHome::on(on)?;
    let server = home.serve()?;
    at_once(SENDERS, |sender| {
        let store = home.store()?;
        for number in 0..GIFTS_OF_EACH {
            let name = format!("{sender}_{number}");
            assert_received(&server.deliver(gift(&name))?);
            let id = format!("pi_{name}");
            let donation =
                block_on(store.donation(&text(&id)))?.ok_or("acknowledged, and not there")?;
            assert_eq!((donation.amount, donation.state.name()), (5000, "paid"), "{id}");
            if number % SHOWN_ONE_IN == 0 {
                let shown = home.run(&["donations", "show", &id])?;
                assert_eq!(shown.code, Some(0), "{}", shown.all());
            }
        }
        Ok(())
    })?;
    assert_eq!(home.donations()?.len(), SENDERS * GIFTS_OF_EACH);
    Ok(())
}

fn an_event_of_before_a_restart_is_a_repeat_after_it(on: On) -> Result {
    let home = TestHome::on(on)?;
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
    let home = TestHome::on(on)?;
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

fn two_servers_on_one_database_keep_an_event_once(on: On) -> Result {
    let home = TestHome::on(on)?;
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
    let home = TestHome::on(on)?;
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

fn an_event_of_a_connected_account_is_received_and_ignored(on: On) -> Result {
    let home = TestHome::on(on)?;
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
    let home = TestHome::on(on)?;
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
