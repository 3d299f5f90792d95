//! `events retry` and `events ignore`.

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, event_about, gift, record, record_without_changes};
use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::home::{On, Said, TestHome};

/// Returns a home with an event of each state. Two are dead: one lacks its currency, the changes of
/// the other, received an hour later, failed.
fn home(on: On) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    let at = MIDNIGHT_IN_TOKYO;
    let thin = serde_json::json!({
        "id": "evt_thin", "object": "v2.core.event", "type": "v1.payment_intent.succeeded",
        "created": "2026-11-21T15:00:00.000Z", "livemode": true,
        "related_object": { "id": "pi_thin", "type": "payment_intent", "url": "/v1/x/pi_thin" },
    });
    let unknown = serde_json::json!({ "id": "x_1", "object": "x" });
    let bodies = [
        gift("pi_done", 5000, "jpy", at),
        without("currency", "pi_dead"),
        event_about("2024-06-20", "x.created", at, &unknown),
        thin.to_string(),
    ];
    record(&home, &bodies, at)?;
    record_without_changes(&home, &[gift("pi_failed", 700, "jpy", at)], at + 3600)?;
    Ok(home)
}

/// Returns the event of a payment that lacks a fact.
fn without(fact: &str, id: &str) -> String {
    let mut object = serde_json::json!({
        "id": id, "object": "payment_intent", "amount": 5000, "amount_received": 5000,
        "currency": "jpy", "status": "succeeded",
    });
    object[fact].take();
    event_about("2024-06-20", "payment_intent.succeeded", MIDNIGHT_IN_TOKYO, &object)
}

const DONE: &str = "evt_pi_done_payment_intent_succeeded";
const DEAD: &str = "evt_pi_dead_payment_intent_succeeded";
const FAILED: &str = "evt_pi_failed_payment_intent_succeeded";
const UNKNOWN: &str = "evt_x_1_x_created";
const THIN: &str = "evt_thin";

/// Returns each event with its state, most recently received first.
fn states(home: &TestHome) -> Result<Vec<String>> {
    let events = home.list(&["--limit", "100"])?;
    let state = |event: &serde_json::Value| {
        let (id, state) = (event["id"].as_str()?, event["state"].as_str()?);
        let name = id.trim_end_matches("_payment_intent_succeeded");
        Some(format!("{name} {state}"))
    };
    Ok(events.iter().filter_map(state).collect())
}

const AT_FIRST: [&str; 5] = [
    "evt_pi_failed dead",
    "evt_thin awaiting_object",
    "evt_x_1_x_created ignored",
    "evt_pi_dead dead",
    "evt_pi_done processed",
];

/// Asserts that a command exited with this code and printed this line and no error.
#[track_caller]
fn assert_said(said: &Said, code: i32, line: &str) {
    let due = (Some(code), format!("{line}\n"), String::new());
    assert_eq!((said.code, said.stdout.clone(), said.stderr.clone()), due);
}

on_each_store! {
    an_event_given_by_id_is_retried_at_once_and_the_result_is_printed
    events_that_stay_dead_are_counted_by_what_they_lack
    a_selection_is_counted_first_and_acted_upon_with_yes
    a_selection_of_several_pages_is_retried_to_the_last
    a_selection_may_go_by_time
    what_cannot_be_retried_is_named_and_found_wrong
    what_was_ignored_can_be_taken_back
}

fn an_event_given_by_id_is_retried_at_once_and_the_result_is_printed(on: On) -> Result {
    let home = home(on)?;
    assert_eq!(states(&home)?, AT_FIRST);
    assert_eq!(home.donations()?, ["pi_done"]);
    assert_said(&home.run(&["events", "retry", FAILED])?, 0, "1 retried: 1 processed");
    assert_eq!(states(&home)?[0], "evt_pi_failed processed");
    let donations = ["pi_done", "pi_failed"];
    assert_eq!(home.donations()?, donations);

    let dead = "1 retried: 1 still dead: facts_missing (currency)";
    assert_said(&home.run(&["events", "retry", DEAD])?, 1, dead);
    let all = "3 retried: 2 processed, 1 still dead: facts_missing (currency)";
    assert_said(&home.run(&["events", "retry", DONE, FAILED, DEAD, DEAD])?, 1, all);
    assert_eq!(states(&home)?[3..], ["evt_pi_dead dead", "evt_pi_done processed"]);
    assert_eq!(home.donations()?, donations);
    Ok(())
}

fn events_that_stay_dead_are_counted_by_what_they_lack(on: On) -> Result {
    let home = home(on)?;
    let more = [without("status", "pi_nothing"), without("currency", "pi_nowhere")];
    record(&home, &more, MIDNIGHT_IN_TOKYO)?;
    let all = "4 retried: 1 processed, 3 still dead: \
               2 facts_missing (currency), 1 facts_missing (status)";
    assert_said(&home.run(&["events", "retry", "--state", "dead", "--yes"])?, 1, all);
    Ok(())
}

fn a_selection_is_counted_first_and_acted_upon_with_yes(on: On) -> Result {
    let home = home(on)?;
    let count = "2 events would be retried; add --yes to do it";
    assert_said(&home.run(&["events", "retry", "--state", "dead"])?, 0, count);
    let one = |how: &str| format!("1 event would be retried; {how} to do it");
    let dry = home.run(&["events", "retry", FAILED, "--dry-run"])?;
    assert_said(&dry, 0, &one("omit --dry-run"));
    let also_dry = home.run(&["events", "retry", FAILED, "--state", "dead"])?;
    assert_said(&also_dry, 0, &one("add --yes"));
    assert_eq!(states(&home)?, AT_FIRST);

    let retry = ["events", "retry", "--state", "dead", "--since", "2026-11-21T16:00:00Z", "--yes"];
    assert_said(&home.run(&retry)?, 0, "1 retried: 1 processed");
    assert_eq!(states(&home)?[0], "evt_pi_failed processed");
    assert_said(&home.run(&retry)?, 0, "0 retried");
    Ok(())
}

fn a_selection_of_several_pages_is_retried_to_the_last(on: On) -> Result {
    let home = TestHome::on(on)?;
    let at = MIDNIGHT_IN_TOKYO;
    let gifts: Vec<_> = (0..450).map(|it| gift(&format!("pi_{it}"), 1, "jpy", at)).collect();
    record_without_changes(&home, &gifts, at)?;
    let all = "450 retried: 450 processed";
    assert_said(&home.run(&["events", "retry", "--state", "dead", "--yes"])?, 0, all);
    assert_eq!(home.donations()?.len(), 450);
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
    assert_eq!(count(&["--until", "1795276800", "--state", "awaiting_object"])?, "1");
    assert_eq!(count(&["--since", "2026-11-22"])?, "0");
    Ok(())
}

fn what_cannot_be_retried_is_named_and_found_wrong(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["events", "retry", FAILED, UNKNOWN, THIN, "evt_none"])?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert_eq!(said.stdout, "1 retried: 1 processed\n");
    let possible = "only events that are processed, dead or ignored (by_operator) and match the selection can be retried";
    let mut unchanged: Vec<_> = said.stderr.lines().collect();
    unchanged.sort_unstable();
    assert_eq!(
        unchanged,
        [
            format!("evt_thin is awaiting_object and was not changed: {possible}"),
            format!("evt_x_1_x_created is ignored (unknown_type) and was not changed: {possible}"),
            "there is no event evt_none in the inbox".into(),
        ]
    );
    assert_eq!(states(&home)?[1..], AT_FIRST[1..]);
    let unfit = home.run(&["events", "retry", UNKNOWN, "--dry-run"])?;
    assert_eq!(unfit.code, Some(1), "{}", unfit.all());
    Ok(())
}

fn what_was_ignored_can_be_taken_back(on: On) -> Result {
    let home = home(on)?;
    let said = home.run(&["events", "ignore", FAILED, DEAD, THIN])?;
    assert_said(&said, 0, "3 events ignored");
    let ignored = home.list(&["--state", "ignored"])?;
    assert_eq!(ignored[0]["reason"], "by_operator");
    assert_eq!(ignored.len(), 4);
    let again = home.run(&["events", "ignore", DONE])?;
    assert_eq!((again.code, again.stdout.as_str()), (Some(1), "0 events ignored\n"));
    assert!(again.stderr.contains("is processed and was not changed"), "{}", again.stderr);

    let said = home.run(&["events", "retry", FAILED, DEAD, THIN])?;
    let all = "3 retried: 1 processed, 1 awaiting their object, \
               1 still dead: facts_missing (currency)";
    assert_said(&said, 1, all);
    assert_eq!(states(&home)?[0], "evt_pi_failed processed");
    assert_eq!(states(&home)?[1..], AT_FIRST[1..]);
    Ok(())
}

#[test]
fn a_database_that_is_not_there_is_not_made() -> Result {
    let home = TestHome::new()?;
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
