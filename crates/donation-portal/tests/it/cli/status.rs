//! `status`, with and without a running server.

use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::SignedDuration;
use portal_contract::block_on;
use portal_domain::{Alert, AlertChange, UnixSeconds};
use serde_json::Value;

use crate::cli::ledger::record;
use crate::support::event::{event, payment};
use crate::support::home::{On, PROGRAM, Said, TestHome, finish};
use crate::support::output::Output;
use crate::support::server::Server;
use crate::support::{Result, clock};

/// The time that two looks may take.
const WATCH_LIMIT: Duration = Duration::from_secs(30);

transcripts! { "status", on_each_store;
    with_open_alert =>
        what_is_open_is_shown_on_one_screen
        the_screen_is_there_in_japanese
        a_line_of_json_holds_to_its_contract;
}

transcripts! { "status", once;
    TestHome::new =>
        without_a_database_all_else_is_shown;
}

on_each_store! {
    a_ready_server_with_nothing_open_is_well
}

/// Returns a home with events of three hours, jobs, and an open alert that one of two channels was
/// notified of.
fn with_open_alert(on: On) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    let now = clock::now()?;
    record(&home, &[payment("evt_1")], now.get() - 2 * 3600)?;
    record(
        &home,
        &[payment("evt_2"), event("evt_3", "radar.early_fraud_warning.created")],
        now.get(),
    )?;
    let store = home.store()?;
    let silence = Alert::Silence { last_received_at: now, usual_seconds: 400 };
    let changes =
        [AlertChange::Raise(silence), AlertChange::Raise(Alert::test(UnixSeconds::default()))];
    block_on(store.raise(&changes, now))?;
    let lease = SignedDuration::from_mins(1);
    while let Some(leased) = block_on(store.lease_notification("slack-1", lease, now))? {
        block_on(store.finish_notification("slack-1", &leased.outcome(Ok(())), now))?;
    }
    block_on(store.lease_job("stripe_live", SignedDuration::from_mins(10), now))?;
    block_on(store.spend(1200, now))?;
    Ok(home)
}

/// Asserts that a command exited with 0.
#[track_caller]
fn assert_done(said: &Said) {
    assert_eq!(said.code, Some(0), "{}", said.all());
}

fn status(home: &TestHome, server: &Server, args: &[&str]) -> Result<Said> {
    let mut command = home.configured(PROGRAM, &[&["status"], args].concat());
    finish(command.env("LISTEN_ADDR", server.address.to_string()))
}

fn a_ready_server_with_nothing_open_is_well(on: On) -> Result {
    let home = TestHome::on(on)?;
    let server = home.serve()?;
    server.deliver(payment("evt_1"))?;
    let said = status(&home, &server, &["--format", "json"])?;
    assert_done(&said);
    let line: Value = serde_json::from_str(&said.stdout)?;
    assert_eq!((&line["server"], &line["ok"]), (&"ready".into(), &true.into()), "{line}");
    assert_eq!(line["last_hour"]["processed"], 1, "{line}");
    let is_file = on == On::Sqlite;
    assert_eq!(line["database_bytes"].is_u64(), is_file, "{line}");
    assert_eq!(line["disk_free_bytes"].is_u64(), is_file, "{line}");
    assert_eq!(line["clock_ahead_seconds"].is_i64(), !is_file, "{line}");
    let said = status(&home, &server, &[])?;
    assert!(said.stdout.starts_with("ready; nothing is open\n"), "{}", said.stdout);
    let address = server.address;
    server.stop()?;
    let said =
        finish(home.configured(PROGRAM, &["status"]).env("LISTEN_ADDR", address.to_string()))?;
    assert_eq!(said.code, Some(1));
    let due = format!("not running: nothing answers at {address}\n");
    assert!(said.stdout.contains(&due), "{}", said.stdout);
    Ok(())
}

#[test]
fn a_server_says_why_it_is_not_ready() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    std::fs::rename(home.database(), home.path("away.db"))?;
    let said = clock::wait_for("a server without its database", WATCH_LIMIT, || {
        let said = status(&home, &server, &[])?;
        Ok(said.stdout.contains("store_missing").then_some(said))
    })?;
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains("not ready: store: store_missing\n"), "{}", said.stdout);
    assert!(said.stdout.contains("the database is not there"), "{}", said.stdout);
    Ok(())
}

#[test]
fn a_wrong_address_of_a_channel_is_shown_beside_all_else() -> Result {
    let home = with_open_alert(On::Sqlite)?;
    let mut command = home.configured(PROGRAM, &["status"]);
    let said = finish(command.env("SLACK_WEBHOOK_URL", "canary"))?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert!(said.stdout.contains("SLACK_WEBHOOK_URL: "), "{}", said.all());
    assert!(said.stdout.contains(" last delivery ") && !said.all().contains("canary"));
    Ok(())
}

#[test]
fn the_last_backup_is_known() -> Result {
    let home = with_open_alert(On::Sqlite)?;
    let before = clock::now()?.get();
    assert_done(&home.run(&["backup", "--to", "copy.db"])?);
    let line: Value = serde_json::from_str(&home.run(&["status", "--format", "json"])?.stdout)?;
    assert!(line["backup_at"].as_i64().is_some_and(|it| it >= before), "{line}");
    assert_eq!(line["jobs"].as_array().map(Vec::len), Some(1), "a backup is no job: {line}");
    Ok(())
}

#[test]
fn watching_repeats_it_and_ends_well_by_an_interrupt() -> Result {
    let home = with_open_alert(On::Sqlite)?;
    let mut command = home.configured(PROGRAM, &["status", "--watch"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = Output::of(child.stdout.take().ok_or("no standard output")?);
    let blocks = || String::from_utf8_lossy(&stdout.so_far()).matches("unknown if ready; ").count();
    clock::wait_for("a second block", WATCH_LIMIT, || Ok((blocks() == 2).then_some(())))?;
    Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    let ended = clock::wait_for("the end", WATCH_LIMIT, || Ok(child.try_wait()?))?;
    assert_eq!(ended.code(), Some(0));
    assert!(!stdout.whole().contains(&0x1b), "a file has no escape sequences");
    Ok(())
}
