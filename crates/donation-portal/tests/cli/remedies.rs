//! `events retry` and `events ignore`.

#![expect(clippy::indexing_slicing, reason = "what is not there fails the test")]

use crate::ledger::{MIDNIGHT_IN_TOKYO, gift, record, settle, told};
use crate::support::Result;
use crate::support::home::{Home, On};
use crate::{assert_done, assert_failed};

/// One event of each state: done, dead, ignored by the portal, waiting, pending.
fn home(on: On) -> Result<Home> {
    let home = Home::on(on)?;
    let at = MIDNIGHT_IN_TOKYO;
    let without_amount = serde_json::json!({
        "id": "pi_dead", "object": "payment_intent", "currency": "jpy", "status": "succeeded",
    });
    let thin = serde_json::json!({
        "id": "evt_waiting", "object": "v2.core.event", "type": "v1.payment_intent.succeeded",
        "created": "2026-11-21T15:00:00.000Z", "livemode": true,
        "related_object": { "id": "pi_thin", "type": "payment_intent", "url": "/v1/x/pi_thin" },
    });
    let unknown = serde_json::json!({ "id": "x_1", "object": "x" });
    record(
        &home,
        &[
            gift("pi_done", 5000, "jpy", at),
            told("2024-06-20", "payment_intent.succeeded", at, &without_amount),
            told("2024-06-20", "x.created", at, &unknown),
            thin.to_string(),
        ],
        at,
    )?;
    settle(&home)?;
    record(&home, &[gift("pi_pending", 5000, "jpy", at)], at + 3600)?;
    Ok(home)
}

const DONE: &str = "evt_pi_done_payment_intent_succeeded";
const DEAD: &str = "evt_pi_dead_payment_intent_succeeded";
const PENDING: &str = "evt_pi_pending_payment_intent_succeeded";
const UNKNOWN: &str = "evt_x_1_x_created";
const WAITING: &str = "evt_waiting";

/// Each event with its state, the last received first.
fn states(home: &Home) -> Result<Vec<String>> {
    let events = home.list(&["--limit", "100"])?;
    let state = |event: &serde_json::Value| {
        let (id, state) = (event["id"].as_str()?, event["state"].as_str()?);
        let name = id.trim_end_matches("_payment_intent_succeeded");
        Some(format!("{name} {state}"))
    };
    Ok(events.iter().filter_map(state).collect())
}

const AT_FIRST: [&str; 5] = [
    "evt_pi_pending pending",
    "evt_waiting waiting",
    "evt_x_1_x_created ignored",
    "evt_pi_dead dead",
    "evt_pi_done done",
];

crate::on_each_store! {
    an_event_of_that_id_is_retried_at_once
    a_selection_is_counted_first_and_acted_upon_with_yes
    a_selection_may_go_by_time
    what_cannot_be_retried_is_named_and_found_wrong
    what_was_ignored_can_be_taken_back
}

fn an_event_of_that_id_is_retried_at_once(on: On) -> Result {
    let home = home(on)?;
    assert_eq!(states(&home)?, AT_FIRST);
    let said = home.run(&["events", "retry", DEAD])?;
    assert_done(&said);
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("1 event retried\n", ""));
    assert_eq!(states(&home)?[3], "evt_pi_dead pending");
    let said = home.run(&["events", "retry", DONE, DEAD, DEAD])?;
    assert_done(&said);
    assert_eq!(said.stdout, "2 events retried\n");
    Ok(())
}

fn a_selection_is_counted_first_and_acted_upon_with_yes(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["events", "retry", "--state", "dead"])?;
    assert_done(&said);
    assert_eq!(said.stdout, "1 event would be retried; to do it, add --yes\n");
    assert_eq!(states(&home)?, AT_FIRST);
    let dry = home.run(&["events", "retry", DEAD, "--dry-run"])?;
    assert_eq!(dry.stdout, "1 event would be retried; to do it, leave --dry-run out\n");
    let also_dry = home.run(&["events", "retry", DEAD, "--state", "dead"])?;
    assert_eq!(also_dry.stdout, "1 event would be retried; to do it, add --yes\n");
    assert_eq!(states(&home)?, AT_FIRST);

    let said = home.run(&["events", "retry", "--state", "dead", "--yes"])?;
    assert_done(&said);
    assert_eq!(said.stdout, "1 event retried\n");
    assert_eq!(states(&home)?[3], "evt_pi_dead pending");
    let none = home.run(&["events", "retry", "--state", "dead", "--yes"])?;
    assert_done(&none);
    assert_eq!(none.stdout, "0 events retried\n");
    Ok(())
}

fn a_selection_may_go_by_time(on: On) -> Result {
    let home = home(on)?;
    let count = |args: &[&str]| -> Result<String> {
        let said = home.run(&[&["events", "ignore"], args].concat())?;
        assert_done(&said);
        Ok(said.stdout.split(' ').next().unwrap_or_default().to_owned())
    };
    assert_eq!(count(&["--since", "2026-11-21"])?, "3");
    assert_eq!(count(&["--since", "2026-11-21T16:00:00Z"])?, "1");
    assert_eq!(count(&["--until", "2026-11-21T16:00:00Z"])?, "2");
    assert_eq!(count(&["--until", "1795276800", "--state", "waiting"])?, "1");
    assert_eq!(count(&["--since", "2026-11-22"])?, "0");
    Ok(())
}

fn what_cannot_be_retried_is_named_and_found_wrong(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["events", "retry", DEAD, UNKNOWN, WAITING, "evt_none"])?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert_eq!(said.stdout, "1 event retried\n");
    for part in [
        "there is no event evt_none in the inbox\n",
        "evt_x_1_x_created is ignored (unknown_type) and was left alone: only what is pending,",
        "evt_waiting is waiting and was left alone",
    ] {
        assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
    }
    assert_eq!(said.stderr.lines().count(), 3, "{}", said.stderr);
    assert_eq!(
        states(&home)?[..4].to_vec(),
        [
            "evt_pi_pending pending",
            "evt_waiting waiting",
            "evt_x_1_x_created ignored",
            "evt_pi_dead pending",
        ]
    );
    let unfit = home.run(&["events", "retry", UNKNOWN, "--dry-run"])?;
    assert_eq!(unfit.code, Some(1), "{}", unfit.all());
    Ok(())
}

fn what_was_ignored_can_be_taken_back(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["events", "ignore", DEAD, PENDING, WAITING])?;
    assert_done(&said);
    assert_eq!(said.stdout, "3 events ignored\n");
    let ignored = home.list(&["--state", "ignored"])?;
    assert_eq!(ignored[0]["reason"], "by_operator");
    assert_eq!(ignored.len(), 4);
    let again = home.run(&["events", "ignore", DONE])?;
    assert_eq!(again.code, Some(1), "{}", again.all());
    assert!(again.stderr.contains("is done and was left alone"), "{}", again.stderr);
    assert_done(&home.run(&["events", "retry", DEAD, PENDING, WAITING])?);
    assert_eq!(states(&home)?[..2].to_vec(), ["evt_pi_pending pending", "evt_waiting waiting"]);
    Ok(())
}

#[test]
fn a_database_that_is_not_there_is_not_made() -> Result {
    let home = Home::new()?;
    for args in [
        &["events", "retry", "evt_1"][..],
        &["events", "ignore", "--state", "dead", "--yes"],
        &["events", "ignore", "--state", "dead"],
        &["prune"],
        &["prune", "--dry-run"],
        &["donations", "list"],
        &["donations", "show", "pi_1"],
        &["donations", "totals"],
        &["donations", "export", "--output", "donations.csv"],
        &["alerts", "list"],
        &["backup", "--to", "copy.db"],
    ] {
        let said = home.run(args)?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains("could not open the database"), "{}", said.stderr);
        assert!(said.stderr.contains("DATABASE_URL"), "{}", said.stderr);
    }
    assert_eq!(std::fs::read_dir(home.path(""))?.count(), 0, "something was made");
    Ok(())
}
