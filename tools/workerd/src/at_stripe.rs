//! Objects of thin events are fetched after the answer, and undelivered events are found by the
//! clock alone.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use portal_domain::{Secret, UnixSeconds, sign};
use portal_harness::database::Reader;
use portal_harness::delivery::{SECRET, now_seconds};
use portal_harness::http;
use portal_harness::worker::Local;
use portal_harness::worker::{ANSWER_WITHIN, start};
use portal_testkit::stripe::{Account, CLOVER, Donation, Payload, Server};
use xtask::run::{Failure, wait_for};

use crate::cron::strike;

const KEY: &str = "rk_test_of_the_project_tasks";

/// The most cron runs until the first report is filed.
const STRIKES_MAX: usize = 15;

const HOUR: i64 = 3600;

/// Starts after three gifts, is told of one of them by a thin event, and lets the clock strike.
pub(crate) fn at_stripe(receiver: &Local, _: &Path) -> Result<(), Failure> {
    let now = i64::try_from(now_seconds())?;
    let mut account = Account::in_test_mode(CLOVER);
    let named = account.one_time(now - HOUR, 5000, "jpy");
    account.one_time_without_session(now - 2 * HOUR, 700, "usd");
    account.subscription_payment(now - 3 * HOUR, 2500, "usd");
    let due = account.donations(now);
    let thin = thin_event(&account, &named)?;
    let stripe = Server::start(account, KEY, Arc::new(AtomicI64::new(now)))?;

    let base = stripe.base();
    let running = start(receiver, &[("STRIPE_SECRET_KEY", KEY), ("STRIPE_API_BASE", &base)])?;
    let database = receiver.database()?;
    deliver(receiver, now, &thin)?;
    wait_for("the donation that a thin event named", ANSWER_WITHIN, || {
        Ok((database.number("select count(*) from donation")? == 1).then_some(()))
    })?;
    for _ in 0..STRIKES_MAX {
        strike(receiver)?;
        if database.number("select count(*) from report")? > 0 {
            break;
        }
    }
    running.stop()?;
    println!("Stripe was asked {:?}", stripe.counts());
    expect_all(&database, &due)?;
    expect_report(receiver, due.len())
}

/// The thin event that tells that the payment succeeded.
fn thin_event(account: &Account, payment: &str) -> Result<String, Failure> {
    let mut thin = account.deliveries(Payload::Thin);
    let event = account.event("payment_intent.succeeded", payment).ok_or("it did not succeed")?;
    let event = thin.find(|it| it.id == event.thin_id()).ok_or("it has no thin event")?;
    Ok(String::from_utf8(event.body)?)
}

fn deliver(receiver: &Local, now: i64, event: &str) -> Result<(), Failure> {
    let now = UnixSeconds::new(now).ok_or("a clock that is centuries off")?;
    let signature = sign(&Secret::new(SECRET)?, now, event.as_bytes());
    let header = format!("Stripe-Signature: {signature}\r\n");
    let line = "POST /api/webhooks/stripe";
    match http::ask(receiver.address, line, &header, event)?.status {
        200 => Ok(()),
        status => Err(format!("a thin event was answered {status}").into()),
    }
}

/// Every donation is here as it is there, and all but one event were asked for.
fn expect_all(database: &Reader, due: &[Donation]) -> Result<(), Failure> {
    for Donation { id, amount, state, .. } in due {
        let state = state.name();
        let here = format!(
            "select count(*) from donation where id = '{id}' and amount = {amount} and state = '{state}'"
        );
        if database.number(&here)? != 1 {
            return Err(format!("{id} is not here as it is there").into());
        }
    }
    match database.number("select count(*) from event where origin = 'delivered'")? {
        1 => Ok(()),
        delivered => Err(format!("{delivered} events were delivered, not 1").into()),
    }
}

fn expect_report(receiver: &Local, donations: usize) -> Result<(), Failure> {
    let lines = receiver.lines()?;
    let reported = lines.iter().find(|it| it["outcome"] == "reported");
    let reported = reported.ok_or("no report was filed")?;
    println!("{reported}");
    if reported["verdict"] == "complete" && reported["shown"] == donations {
        return Ok(());
    }
    Err(format!("the report does not say that all {donations} are here").into())
}
