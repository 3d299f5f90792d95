//! `outage`: an endpoint that was down for days is made up for by asking Stripe, within the budget of
//! reads and in little memory, and goes on where it was killed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use portal_harness::memory;
use portal_harness::server::{self, Build, Setup};
use portal_testkit::stripe::{Account, CLOVER, Server};
use serde_json::Value;
use xtask::figures;
use xtask::run::{Background, Failure, wait_for};

/// Events that a payment of the outage makes and that are asked for: its own, its charge's and its
/// session's.
const EVENTS_OF_PAYMENT: u64 = 3;

/// The length of the outage, in seconds: three days.
const OUTAGE_SECONDS: i64 = 3 * 24 * 3600;

/// The most memory that the command may take, in KiB.
const MEMORY_KIB_MAX: u64 = 64 * 1024;

/// The most reads in 30 days.
const BUDGET: usize = 8000;

/// No single part takes longer.
const LIMIT: Duration = Duration::from_secs(1800);

const KEY: &str = "rk_live_0123456789abcdef";

/// The size of the outage.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    build: Build,
    /// Number of events at Stripe that were never delivered
    #[arg(long, default_value_t = 100_000)]
    events: u64,
}

/// Makes up for it, killed on the way.
pub(crate) fn outage(arguments: &Arguments) -> Result<(), Failure> {
    let program = arguments.build.program()?;
    let folder = server::empty_folder("outage")?;
    let setup = Setup::new(&program, &folder, "portal")?;
    setup.migrate()?;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let payments = arguments.events.div_ceil(EVENTS_OF_PAYMENT);
    println!("telling {payments} payments in the {OUTAGE_SECONDS} s before now");
    let account = account(payments, now)?;
    let stripe = Server::start(account, KEY, Arc::new(AtomicI64::new(now)))?;

    let begun = Instant::now();
    let mut killed = Background::start(&mut reconcile(&setup, &stripe, &folder)?)?;
    let pages = usize::try_from(arguments.events / 100)?;
    wait_for("a third of the events", LIMIT, || {
        killed.check_alive()?;
        Ok((stripe.requests().len() > pages / 3).then_some(()))
    })?;
    let highest = memory::peak(&killed)?;
    killed.kill();
    println!("killed after {} reads, at most {highest} KiB", stripe.requests().len());

    let mut resumed = Background::start(&mut reconcile(&setup, &stripe, &folder)?)?;
    let mut highest = highest;
    wait_for("the end", LIMIT, || {
        highest = highest.max(memory::peak(&resumed).unwrap_or_default());
        Ok(resumed.finish(Duration::ZERO).is_ok().then_some(()))
    })?;
    let reads = stripe.requests().len();
    let report: Value = serde_json::from_slice(&fs::read(folder.join("report.json"))?)?;
    println!(
        "{} events in {} s: {reads} reads, at most {highest} KiB\n{report}",
        arguments.events,
        begun.elapsed().as_secs()
    );
    figures::sum("events", arguments.events)?;
    figures::highest("reads", reads)?;
    figures::highest("memory, KiB", highest)?;
    check(&report, payments, reads, highest, &fs::read_to_string(folder.join("notes"))?)
}

fn account(payments: u64, now: i64) -> Result<Account, Failure> {
    let mut account = Account::live(CLOVER);
    for number in 0..i64::try_from(payments)? {
        let ago = OUTAGE_SECONDS - number * OUTAGE_SECONDS / i64::try_from(payments)?;
        account.one_time(now - ago - 300, 500 + number % 1000, "jpy");
    }
    Ok(account)
}

/// Four days back, to the report in `report.json`.
fn reconcile(setup: &Setup, stripe: &Server, folder: &Path) -> Result<Command, Failure> {
    let mut command = setup.command(&["reconcile", "--format", "json", "--since"]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    // The same for both, or the second one would not go on with the first.
    let days_ago = (now / 86_400 - 4) * 86_400;
    command.arg(days_ago.to_string());
    command.env("STRIPE_SECRET_KEY", KEY).env("STRIPE_API_BASE", stripe.base());
    command.stdout(fs::File::create(folder.join("report.json"))?);
    command.stderr(Stdio::from(fs::File::create(folder.join("notes"))?));
    Ok(command)
}

fn check(
    report: &Value,
    payments: u64,
    reads: usize,
    memory: u64,
    notes: &str,
) -> Result<(), Failure> {
    let number = |key: &str| report.get(key).and_then(Value::as_u64);
    let complete = report.get("verdict").and_then(Value::as_str) == Some("complete");
    let all = number("shown") == Some(payments) && number("here") == Some(payments);
    for (wrong, what) in [
        (!complete, "the report is not complete"),
        (!all, "not every payment is here"),
        (number("open") != Some(0), "something is open"),
        (!notes.contains("resuming the interrupted run"), "the run was begun anew"),
        (reads > BUDGET, "more reads than the budget has"),
        (memory > MEMORY_KIB_MAX, "too much memory"),
    ] {
        if wrong {
            return Err(what.into());
        }
    }
    Ok(())
}
