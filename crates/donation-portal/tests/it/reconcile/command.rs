//! The commands `reconcile` and `reports`.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use portal_testkit::stripe::{Account, CANARIES, CLOVER, Fault, Payload, Resource, Server};
use serde_json::Value;

use crate::support::home::{On, PROGRAM, Said, TestHome, finish};
use crate::support::{Result, clock};

const KEY: &str = "rk_live_0123456789abcdef";
const HOUR: i64 = 3600;

/// Starts a portal that received no event of the last hours.
fn silent(on: On) -> Result<(TestHome, Server)> {
    let now = clock::now()?.get();
    let mut account = Account::live(CLOVER);
    account.one_time(now - 5 * HOUR, 5000, "jpy");
    account.subscription_payment(now - 4 * HOUR, 2500, "usd");
    account.one_time_without_session(now - 3 * HOUR, 700, "jpy");
    let home = TestHome::on(on)?;
    drop(home.store()?);
    Ok((home, Server::start(account, KEY, Arc::new(AtomicI64::new(now)))?))
}

fn command(home: &TestHome, stripe: &Server, args: &[&str]) -> Command {
    let mut command = home.configured(PROGRAM, args);
    command.env("STRIPE_SECRET_KEY", KEY).env("STRIPE_API_BASE", stripe.base());
    command
}

fn run(home: &TestHome, stripe: &Server, args: &[&str]) -> Result<Said> {
    finish(&mut command(home, stripe, args))
}

on_each_store! {
    what_was_never_delivered_is_found_recorded_counted_and_reported
    a_missing_permission_is_reported_and_no_report_is_complete
}

fn what_was_never_delivered_is_found_recorded_counted_and_reported(on: On) -> Result {
    let (home, stripe) = silent(on)?;
    let said = run(&home, &stripe, &["reconcile"])?;
    assert_eq!(said.code, Some(0), "{}", said.all());
    let first = "report 1, made ";
    assert!(
        said.stdout.starts_with(first) && said.stdout.contains(": complete\n"),
        "{}",
        said.all()
    );
    assert!(said.stdout.contains("of the 3 donations that Stripe shows between"), "{}", said.all());
    assert!(said.stdout.contains("3 are here, once;"), "{}", said.all());
    let totals = home.run(&["donations", "totals", "--format", "json"])?;
    let counts: Vec<_> = lines(&totals.stdout)?.iter().map(|it| it["count"].clone()).collect();
    assert_eq!(counts, [Value::from(2), Value::from(1)], "{}", totals.all());

    let again = run(&home, &stripe, &["reconcile", "--format", "json"])?;
    assert_eq!(again.code, Some(0), "{}", again.all());
    let report = line(&again.stdout)?;
    assert_eq!(fields(&report, ["report", "repaired", "open"]), ["2", "0", "0"]);

    let listed = home.run(&["reports", "list", "--format", "json"])?;
    let numbers: Vec<_> = lines(&listed.stdout)?.iter().map(|it| it["report"].clone()).collect();
    assert_eq!(numbers, [Value::from(2), Value::from(1)], "{}", listed.all());
    let shown = home.run(&["reports", "show", "1", "--format", "json"])?;
    let shown = line(&shown.stdout)?;
    assert_eq!(fields(&shown, ["shown", "here", "verdict"]), ["3", "3", "\"complete\""]);
    assert_eq!(home.run(&["reports", "show", "9"])?.code, Some(1));
    for text in [said.all(), again.all(), listed.all()] {
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
    }
    Ok(())
}

fn a_missing_permission_is_reported_and_no_report_is_complete(on: On) -> Result {
    let (home, stripe) = silent(on)?;
    stripe.always(Resource::Invoices, Fault::NotAllowed);
    let said = run(&home, &stripe, &["reconcile"])?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert!(said.stdout.contains(": unknown\n"), "{}", said.all());
    assert!(
        said.stdout.contains("incomplete: could not read invoices (the key may not read it (403))"),
        "{}",
        said.all()
    );
    Ok(())
}

#[test]
fn without_a_key_there_is_nothing_to_ask_with() -> Result {
    let home = TestHome::on(On::Sqlite)?;
    drop(home.store()?);
    let said = home.run(&["reconcile"])?;
    assert_eq!(said.code, Some(2), "{}", said.all());
    assert!(said.stderr.starts_with("error: STRIPE_SECRET_KEY: it is not set"), "{}", said.all());
    Ok(())
}

#[test]
fn a_time_that_ends_before_it_begins_is_misuse() -> Result {
    let (home, stripe) = silent(On::Sqlite)?;
    let args = ["reconcile", "--since", "2026-11-02", "--until", "2026-11-01"];
    let said = run(&home, &stripe, &args)?;
    assert_eq!(said.code, Some(2), "{}", said.all());
    assert_eq!(stripe.requests(), []);
    Ok(())
}

#[test]
fn a_running_server_finds_by_itself_what_was_not_delivered() -> Result {
    let (home, stripe) = silent(On::Sqlite)?;
    let server = crate::support::server::Server::start(&mut command(&home, &stripe, &["serve"]))?;
    let found = clock::wait_for("the report", std::time::Duration::from_secs(30), || {
        Ok(server.text().contains(r#""outcome":"reported""#).then_some(()))
    });
    found?;
    let donations = home.run(&["donations", "list", "--format", "json"])?;
    assert_eq!(donations.stdout.lines().count(), 3, "{}", donations.all());
    let listed = home.run(&["events", "list", "--format", "json"])?;
    assert!(
        lines(&listed.stdout)?.iter().all(|it| it["origin"] == "reconciled"),
        "{}",
        listed.all()
    );

    // A late delivery is a duplicate.
    let deliveries: Vec<_> = stripe.account().deliveries(Payload::Snapshot(CLOVER)).collect();
    for delivery in &deliveries {
        assert_eq!(server.deliver(&delivery.body)?.status, 200);
    }
    let after = home.run(&["donations", "list", "--format", "json"])?;
    assert_eq!(after.stdout, donations.stdout);
    let log = String::from_utf8(server.stop()?)?;
    let kept = String::from_utf8_lossy(&std::fs::read(home.database())?).into_owned();
    assert!(kept.contains("reconciled"), "the database's file is looked through");
    for canary in CANARIES {
        assert!(!log.contains(canary), "{canary} in the log");
        assert!(!kept.contains(canary), "{canary} in the database");
    }
    Ok(())
}

fn fields(of: &Value, names: [&str; 3]) -> [String; 3] {
    names.map(|name| of.get(name).cloned().unwrap_or_default().to_string())
}

fn line(text: &str) -> Result<Value> {
    Ok(serde_json::from_str(text)?)
}

fn lines(text: &str) -> Result<Vec<Value>> {
    Ok(text.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}
