//! `events list` and `events show`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::ledger::record;
use crate::cli::{assert_done, assert_failed};
use crate::support::event::{Sample, event, gift, payment, sample};
use crate::support::home::{On, TestHome};
use crate::support::{Result, clock};

/// Returns a home with these events in its inbox, received just now.
fn home_with(on: On, bodies: &[String]) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    record(&home, bodies, clock::now()?.get())?;
    Ok(home)
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|it| it["id"].as_str()).collect()
}

on_each_store! {
    the_last_received_comes_first_and_there_may_be_a_limit
    a_list_can_be_narrowed_by_type_and_state
    a_list_can_be_narrowed_by_object
    showing_a_donation_suggests_how_to_list_its_events
    a_list_can_be_narrowed_by_time
    a_line_of_json_holds_to_its_contract
    a_table_has_a_row_and_csv_a_line_for_each_event
    one_event_is_shown_with_what_is_kept_of_it
    an_event_that_is_not_there_is_found_wrong
}

#[test]
fn without_a_database_there_is_nothing_to_look_at() -> Result {
    let home = TestHome::new()?;
    for args in [&["events", "list"][..], &["events", "show", "evt_1"]] {
        let said = home.run(args)?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains("DATABASE_URL"), "{}", said.stderr);
    }
    assert!(!home.database().exists(), "looking made a database");
    Ok(())
}

#[test]
fn an_empty_inbox_is_an_empty_list() -> Result {
    let home = TestHome::new()?;
    assert_done(&home.run(&["migrate"])?);
    assert_eq!(home.list(&[])?, [json!(null); 0]);
    for format in ["table", "csv"] {
        let said = home.run(&["events", "list", "--format", format])?;
        assert_done(&said);
        assert_eq!(said.stdout.lines().count(), 1, "{}", said.stdout);
    }
    Ok(())
}

fn the_last_received_comes_first_and_there_may_be_a_limit(on: On) -> Result {
    let bodies: Vec<String> = (1..=25).map(|it| payment(&format!("evt_{it}"))).collect();
    let home = home_with(on, &bodies)?;
    let all = home.list(&["--limit", "1000"])?;
    let newest_first: Vec<String> = (1..=25).rev().map(|it| format!("evt_{it}")).collect();
    assert_eq!(ids(&all), newest_first);
    assert_eq!(ids(&home.list(&["--limit", "2"])?), ["evt_25", "evt_24"]);
    assert_eq!(home.list(&[])?.len(), 20);
    Ok(())
}

fn a_list_can_be_narrowed_by_type_and_state(on: On) -> Result {
    let home = home_with(
        on,
        &[
            payment("evt_1"),
            event("evt_2", "radar.early_fraud_warning.created"),
            event("evt_3", "payment_intent.payment_failed"),
            payment("evt_4"),
        ],
    )?;
    let listed = |args: &[&str]| -> Result<Vec<String>> {
        let listed = home.list(args)?;
        Ok(ids(&listed).into_iter().map(str::to_owned).collect())
    };
    assert_eq!(listed(&["--type", "payment_intent.succeeded"])?, ["evt_4", "evt_1"]);
    assert_eq!(listed(&["--type", "payment_intent.canceled"])?, [""; 0]);
    assert_eq!(listed(&["--state", "ignored"])?, ["evt_2"]);
    assert_eq!(listed(&["--state", "processed"])?, ["evt_4", "evt_3", "evt_1"]);
    let both = ["--state", "processed", "--type", "payment_intent.succeeded", "--limit", "1"];
    assert_eq!(listed(&both)?, ["evt_4"]);
    Ok(())
}

/// Events are found by their own object and by the payment that they name.
fn a_list_can_be_narrowed_by_object(on: On) -> Result {
    let paid = sample("2024-06-20/payment_intent.succeeded.one_time.jpy.json")?;
    let charged = sample("2024-06-20/charge.succeeded.one_time.jpy.json")?;
    let home = home_with(on, &[paid.body.clone(), gift("a"), charged.body.clone()])?;
    let object = |sample: &Sample, field: &str| -> Result<String> {
        let event: Value = serde_json::from_str(&sample.body)?;
        Ok(event["data"]["object"][field].as_str().unwrap().to_owned())
    };
    let payment = object(&paid, "id")?;
    assert_eq!(object(&charged, "payment_intent")?, payment);
    for (object, due) in [
        (&payment, &[&*charged.id, &paid.id][..]),
        (&object(&charged, "id")?, &[&*charged.id]),
        (&"pi_a".to_owned(), &["evt_a"]),
        (&"pi_none".to_owned(), &[]),
    ] {
        assert_eq!(ids(&home.list(&["--object", object])?), due, "{object}");
    }
    let charges = ["--object", &payment, "--type", "charge.succeeded"];
    assert_eq!(ids(&home.list(&charges)?), [&charged.id]);
    Ok(())
}

fn showing_a_donation_suggests_how_to_list_its_events(on: On) -> Result {
    let home = home_with(on, &[gift("a"), gift("b")])?;
    let shown = home.run(&["donations", "show", "pi_a"])?;
    assert_done(&shown);
    let missing = home.run(&["donations", "show", "pi_none"])?;
    assert_failed(&missing, 1);
    for (said, due) in [(&shown.stdout, &["evt_a"][..]), (&missing.stderr, &[])] {
        let (_, command) = said.trim_end().split_once("donation-portal ").unwrap();
        let args: Vec<_> = command.split(' ').chain(["--format", "json"]).collect();
        let listed = home.run(&args)?;
        assert_done(&listed);
        assert_eq!(listed.stdout.lines().count(), due.len(), "{}", listed.all());
        assert!(due.iter().all(|it| listed.stdout.contains(it)), "{}", listed.all());
    }
    Ok(())
}

#[test]
fn what_cannot_be_an_id_is_no_object() -> Result {
    let home = TestHome::new()?;
    for object in ["", "pi 1", "花子", &"p".repeat(256)] {
        let said = home.run(&["events", "list", "--object", object])?;
        assert_failed(&said, 2);
        assert!(said.stderr.contains("1 to 255 letters"), "{}", said.stderr);
    }
    Ok(())
}

fn a_list_can_be_narrowed_by_time(on: On) -> Result {
    let home = home_with(on, &[payment("evt_1")])?;
    std::thread::sleep(Duration::from_millis(1100));
    let server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_2"))?.status, 200);
    let listed = home.list(&[])?;
    assert_eq!(ids(&listed), ["evt_2", "evt_1"]);
    let received_at = |number: usize| listed[number]["received_at"].as_i64().unwrap();
    let (second, first) = (received_at(0), received_at(1));
    assert!(first < second);

    let since = |since: &str| {
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(home.list(&["--since", since])?.len())
    };
    assert_eq!(since(&first.to_string())?, 2);
    assert_eq!(since(&second.to_string())?, 1);
    assert_eq!(since(&(second + 1).to_string())?, 0);
    let moment = portal_domain::UnixSeconds::new(second).unwrap().to_string();
    assert_eq!(since(&moment)?, 1, "{moment}");
    let there = portal_domain::UnixSeconds::new(second + 9 * 3600).unwrap();
    let in_japan = there.to_string().replace('Z', "+09:00");
    assert_eq!(since(&in_japan)?, 1, "{in_japan}");
    assert_eq!(since("2020-02-29")?, 2);
    assert_eq!(since("2999-01-01")?, 0);
    Ok(())
}

fn a_line_of_json_holds_to_its_contract(on: On) -> Result {
    let home = home_with(on, &[payment("evt_1")])?;
    let listed = home.list(&[])?;
    let line = listed[0].as_object().unwrap();
    let due = json!({
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "created": 1_790_000_000,
        "livemode": false,
        "state": "processed",
        "reason": null,
        "origin": "delivered",
        "received_at": line["received_at"],
    });
    assert_eq!(listed[0], due);
    assert!(line["received_at"].as_i64().unwrap() > 1_790_000_000);
    Ok(())
}

fn a_table_has_a_row_and_csv_a_line_for_each_event(on: On) -> Result {
    let home =
        home_with(on, &[payment("evt_1"), event("evt_2", "radar.early_fraud_warning.created")])?;
    let table = home.run(&["events", "list"])?;
    let rows: Vec<&str> = table.stdout.lines().collect();
    assert_eq!(rows.len(), 3, "{}", table.stdout);
    assert!(rows[0].trim().starts_with("id"), "{}", rows[0]);
    for part in ["evt_2", "radar.early_fraud_warning.created", "ignored", "unknown_type"] {
        assert!(rows[1].contains(part), "{}", rows[1]);
    }
    assert!(rows[2].contains("2026-09-21T14:13:20Z"), "{}", rows[2]);

    let csv = home.run(&["events", "list", "--format", "csv"])?;
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", csv.stdout);
    assert_eq!(lines[0], "id,type,created,livemode,state,reason,origin,received_at");
    assert!(lines[1].starts_with(
        "evt_2,radar.early_fraud_warning.created,1790000000,false,ignored,unknown_type,delivered,"
    ));
    assert!(
        lines[2]
            .starts_with("evt_1,payment_intent.succeeded,1790000000,false,processed,,delivered,")
    );
    assert!(lines.iter().all(|line| line.split(',').count() == 8));
    Ok(())
}

fn one_event_is_shown_with_what_is_kept_of_it(on: On) -> Result {
    let refund = sample("2024-06-20/refund.created.jpy.json")?;
    let written: Value = serde_json::from_str(&refund.body)?;
    let home = home_with(on, &[refund.body])?;
    let said = home.run(&["events", "show", &refund.id, "--format", "json"])?;
    assert_done(&said);
    assert_eq!(said.stdout.lines().count(), 1);
    let shown: Value = serde_json::from_str(&said.stdout)?;
    for field in ["id", "type", "created", "livemode", "api_version"] {
        assert_eq!(shown[field], written[field], "{field}");
    }
    let object = &written["data"]["object"];
    assert_eq!(shown["payload"], "snapshot");
    assert_eq!(shown["state"], "processed");
    assert_eq!(shown["object_id"], object["id"]);
    for fact in ["amount", "currency", "status", "charge", "payment_intent"] {
        assert_eq!(shown["facts"][fact], object[fact], "{fact}");
    }
    let text = home.run(&["events", "show", &refund.id])?;
    assert_done(&text);
    assert!(text.stdout.contains(&refund.id), "{}", text.stdout);
    assert!(text.stdout.lines().count() > 10, "{}", text.stdout);
    Ok(())
}

fn an_event_that_is_not_there_is_found_wrong(on: On) -> Result {
    let home = home_with(on, &[payment("evt_1")])?;
    for format in ["text", "json"] {
        let said = home.run(&["events", "show", "evt_none", "--format", format])?;
        assert_failed(&said, 1);
        assert!(said.stderr.contains("evt_none"), "{}", said.stderr);
    }
    Ok(())
}
