//! `donation-portal doctor`

mod finding;
mod printer;

mod key;
mod secrets;

mod database;
mod disk;
mod ledger;

mod clock;
mod endpoint;
mod rights;
mod versions;

mod accounts;
mod budget;
mod provisional;
mod report;
mod stripe_job;

mod channels;
mod delivery;

use std::sync::Arc;

use portal_domain::Clock as _;
use portal_domain::Store;
use portal_domain::endpoint::at_url;
use portal_domain::read_budget::Budgeted;

use crate::clock::SystemClock;
use crate::commands::wait_for;
use crate::config::{Client, Running, Signing};
use crate::exit::{Exit, Failure};
use crate::output::OneFormat;
use finding::{Check, CheckFinding};
use printer::Printer;
use rights::ProbedRead;

/// Arguments of `doctor`: those of `serve`.
#[derive(clap::Args)]
#[command(after_help = Check::list())]
pub(crate) struct Args {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    running: Running,

    /// Output format; as JSON, one object a line
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let Args { signing, running, format } = args;
    let mut printer = Printer::new(*format);
    let clock = SystemClock::new();
    let (client, of_key) = key::check(&running.stripe);
    printer.print([secrets::judge(signing), of_key])?;
    let (store, of_database) = at_database(args, client.is_some(), &clock);
    printer.print(of_database)?;
    let store = store.as_deref();
    let asked = match &client {
        Some(client) => Some(ask(client, store, running.stripe.read_budget, &clock)?),
        None => None,
    };
    printer.print(checks_at_stripe(args, client.as_ref(), asked.as_deref()))?;
    printer.print(of_versions(args, client.as_ref(), asked.as_deref(), store, &clock))?;
    printer.print(in_store(running, client.as_ref(), store, &clock))?;
    printer.print([delivered(args, &clock)?, channels::judge(&running.alerting)])?;
    Ok(printer.exit())
}

/// Opens the database if possible and returns the findings about it.
fn at_database(
    args: &Args,
    has_key: bool,
    clock: &SystemClock,
) -> (Option<Arc<dyn Store>>, Vec<CheckFinding>) {
    let running = &args.running;
    let home = match running.database.home() {
        Ok(home) => home,
        Err(failure) => {
            let of_database = database::failed(Check::Database, &failure);
            return (None, vec![of_database, without_store(Check::Ledger)]);
        }
    };
    let mut found = Vec::new();
    let store = match home.open_existing() {
        Ok(store) => {
            let tolerance = args.signing.tolerance;
            found.extend(database::writes(&home, &*store, tolerance, clock.now()));
            let dead_events_max = running.watch.dead_events_max;
            found.extend(database::backlog(&*store, dead_events_max, has_key));
            Some(store)
        }
        Err(failure) => {
            found.push(database::failed(Check::Database, &failure));
            None
        }
    };
    found.push(store.as_deref().map_or_else(|| without_store(Check::Ledger), ledger::check));
    found.push(disk::check(&home));
    (store, found)
}

/// Makes the reads at Stripe. They count against the budget if the database, which has its count,
/// is open.
fn ask(
    client: &Client,
    store: Option<&dyn Store>,
    budget: u64,
    clock: &SystemClock,
) -> Result<Vec<ProbedRead>, Failure> {
    let stripe = &*client.stripe;
    wait_for(async {
        match store {
            Some(store) => rights::ask(&Budgeted { stripe, store, budget, clock }, clock).await,
            None => rights::ask(stripe, clock).await,
        }
    })
}

/// Returns the findings that follow from Stripe's answers.
fn checks_at_stripe(
    args: &Args,
    client: Option<&Client>,
    asked: Option<&[ProbedRead]>,
) -> Vec<CheckFinding> {
    let mut found = match asked {
        Some(asked) => asked.iter().map(rights::judge).collect(),
        None => vec![without_key(Check::Rights)],
    };
    found.push(match asked {
        Some(asked) => clock::judge(asked, args.signing.tolerance),
        None => without_key(Check::Clock),
    });
    let livemode = client.is_some_and(|it| it.livemode);
    found.extend(match (args.running.stripe.webhook_url(), asked) {
        (Ok(Some(url)), Some(asked)) => endpoint::judge(asked, url, livemode),
        (Ok(Some(_)), None) => vec![without_key(Check::Endpoint)],
        (Ok(None), _) => vec![endpoint::without_url()],
        (Err(failure), _) => vec![endpoint::wrong_url(&failure)],
    });
    found
}

/// Returns the findings about API versions, those of the endpoints and those of the last events.
fn of_versions(
    args: &Args,
    client: Option<&Client>,
    asked: Option<&[ProbedRead]>,
    store: Option<&dyn Store>,
    clock: &SystemClock,
) -> Vec<CheckFinding> {
    let endpoints = asked.and_then(|it| endpoint::read(it)?.ok());
    if store.is_none() && endpoints.is_none() {
        return vec![without_store(Check::Versions)];
    }
    let url = args.running.stripe.webhook_url().ok().flatten();
    let ours = match (&endpoints, url, client) {
        (Some(endpoints), Some(url), Some(client)) => at_url(endpoints, url, client.livemode),
        _ => Vec::new(),
    };
    versions::check(store, &ours, client.is_some(), clock.now())
}

/// Returns the findings that follow from the database alone.
fn in_store(
    running: &Running,
    client: Option<&Client>,
    store: Option<&dyn Store>,
    clock: &SystemClock,
) -> Vec<CheckFinding> {
    let asking = [Check::Job, Check::Budget, Check::Report];
    let Some(store) = store else {
        let kept = [Check::Provisional, Check::Accounts];
        return asking.into_iter().chain(kept).map(without_store).collect();
    };
    let mut found = match client {
        Some(client) => {
            let now = clock.now();
            let budget = budget::check(store, running.stripe.read_budget, now);
            vec![stripe_job::check(store, client.livemode, now), budget, report::check(store, now)]
        }
        None => asking.map(without_key).into(),
    };
    found.push(provisional::check(store, client.is_some()));
    found.push(accounts::check(store, clock.now()));
    found
}

/// Returns the finding about a test delivery.
fn delivered(args: &Args, clock: &SystemClock) -> Result<CheckFinding, Failure> {
    match (args.running.stripe.webhook_url(), args.signing.secrets()) {
        (Ok(Some(url)), Ok(secrets)) => delivery::check(url, &secrets, clock.now()),
        (Ok(Some(_)), Err(_)) => Ok(delivery::not_tried(
            "STRIPE_WEBHOOK_SECRET is not set or invalid: nothing can be signed",
        )),
        (Ok(None) | Err(_), _) => Ok(delivery::not_tried(
            "WEBHOOK_URL is not set or invalid: there is no URL to deliver to",
        )),
    }
}

fn without_key(check: Check) -> CheckFinding {
    CheckFinding::not_checked(check, "Stripe is not asked without a key", "see `key` above")
}

fn without_store(check: Check) -> CheckFinding {
    CheckFinding::not_checked(check, "the database is not open", "see `database` above")
}
