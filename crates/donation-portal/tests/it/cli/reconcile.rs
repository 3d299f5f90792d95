//! `reconcile` and `reports`.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use portal_testkit::stripe::{Account, CANARIES, CLOVER, Fault, Payload, Resource, Server};

use crate::support::home::{On, PROGRAM, TestHome};
use crate::support::{Result, clock, server};

const KEY: &str = "rk_live_0123456789abcdef";
const HOUR: i64 = 3600;

transcripts! { "reconcile", on_each_store;
    |on| silent(on).map(beside) =>
        what_was_never_delivered_is_found_recorded_counted_and_reported;
    without_permission =>
        a_missing_permission_is_reported_and_no_report_is_complete;
}

transcripts! { "reconcile", once;
    || home(On::Sqlite) =>
        without_a_key_there_is_nothing_to_ask_with;
}

fn home(on: On) -> Result<TestHome> {
    let home = TestHome::on(on)?;
    drop(home.store()?);
    Ok(home)
}

/// Returns a home that received no event of the last hours, and a stand-in for Stripe.
fn silent(on: On) -> Result<(TestHome, Server)> {
    let now = clock::now()?.get();
    let mut account = Account::live(CLOVER);
    account.one_time(now - 5 * HOUR, 5000, "jpy");
    account.subscription_payment(now - 4 * HOUR, 2500, "usd");
    account.one_time_without_session(now - 3 * HOUR, 700, "jpy");
    let stripe = Server::start(account, KEY, Arc::new(AtomicI64::new(now)))?;
    let home = home(on)?.set("STRIPE_SECRET_KEY", KEY).set("STRIPE_API_BASE", stripe.base());
    Ok((home.set("CANARIES", CANARIES.join("\n")), stripe))
}

fn beside((home, stripe): (TestHome, Server)) -> TestHome {
    home.beside(stripe)
}

fn without_permission(on: On) -> Result<TestHome> {
    let (home, stripe) = silent(on)?;
    stripe.always(Resource::Invoices, Fault::NotAllowed);
    Ok(home.beside(stripe))
}

#[test]
fn a_time_that_ends_before_it_begins_is_misuse() -> Result {
    let (home, stripe) = silent(On::Sqlite)?;
    home.replay("reconcile/a_time_that_ends_before_it_begins_is_misuse")?;
    assert_eq!(stripe.requests(), []);
    Ok(())
}

#[test]
fn a_running_server_finds_by_itself_what_was_not_delivered() -> Result {
    let (home, stripe) = silent(On::Sqlite)?;
    let mut serve = home.configured(PROGRAM, &["serve"]);
    let server = server::Server::start(serve.envs(home.variables.iter().cloned()))?;
    clock::wait_for("the report", Duration::from_secs(30), || {
        Ok(server.text().contains(r#""outcome":"reported""#).then_some(()))
    })?;
    let donations = home.run(&["donations", "list", "--format", "json"])?;
    assert_eq!(donations.stdout.lines().count(), 3, "{}", donations.all());
    let listed = home.list(&[])?;
    assert!(listed.iter().all(|it| it["origin"] == "reconciled"), "{listed:?}");

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
