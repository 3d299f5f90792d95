//! `donation-portal doctor`

mod finding;
mod printer;

mod key;
mod secrets;

mod database;
mod disk;
mod ledger;
mod server_rights;

mod clock;
mod endpoint;
mod rights;
mod versions;

mod accounts;
mod alerts;
mod budget;
mod provisional;
mod report;
mod stripe_job;

mod channels;
mod deliveries;
mod delivery;

use std::sync::Arc;

use jiff::tz::TimeZone;
use portal_domain::Clock as _;
use portal_domain::endpoint::at_url;
use portal_domain::monitor::DEAD_EVENTS_MAX;
use portal_domain::read_budget::Budgeted;
use portal_domain::{Store, Text, Tolerance, UnixSeconds, text};
use portal_service::StripeAccess;
use portal_service::settings::{SettingError, Settings};
use portal_service::status::StoreStatus;

use crate::clock::SystemClock;
use crate::commands::{finish, reading_status, wait_for};
use crate::config::{Given, Service};
use crate::exit::{Exit, Failure};
use crate::output::OneFormat;
use finding::{Check, CheckFinding};
use printer::Printer;
use rights::ProbedRead;

/// Arguments of `doctor`: those of `serve`.
#[derive(clap::Args)]
#[command(after_help = format!("Example: donation-portal doctor --format json\n\n{}", Check::list()))]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Given<Service>,

    /// Output format; as JSON, one object a line
    #[arg(long, value_enum, default_value_t = OneFormat::Text)]
    format: OneFormat,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    // A wrong setting is one of the findings.
    let language = args.settings.cli_language().unwrap_or_default();
    let mut printer = Printer::new(args.format, language);
    let checked = check(&args.settings, &mut printer);
    let exit = printer.end()?;
    checked.map(|()| exit)
}

/// Makes the checks, each after those that its findings refer to.
fn check(settings: &Given<Service>, printer: &mut Printer) -> Result<(), Failure> {
    let clock = SystemClock::new();
    let (access, of_key) = key::check(settings);
    printer.print(settings_check(settings))?;
    printer.print([secrets::judge(settings), of_key])?;
    let (store, of_database) = at_database(settings, access.is_some(), &clock);
    printer.print(of_database)?;
    let store = store.as_deref();
    let asked = match &access {
        Some(access) => Some(ask(access, store, &clock)?),
        None => None,
    };
    printer.print(checks_at_stripe(settings, access.as_ref(), asked.as_deref()))?;
    printer.print(of_versions(settings, access.as_ref(), asked.as_deref(), store, &clock))?;
    printer.print(in_store(settings, access.as_ref(), store, &clock))?;
    printer.print([delivered(settings, &clock)?])?;
    printer.print(channels::check(settings, store))
}

/// Returns the findings about the settings that no other check reads.
fn settings_check(settings: &Given<Service>) -> Vec<CheckFinding> {
    let errors = settings.errors();
    if errors.is_empty() {
        return vec![CheckFinding::ok(
            Check::Settings,
            text!("each setting can be used", "すべての設定を使用できます"),
        )];
    }
    let failed =
        |error: SettingError| CheckFinding::failed(Check::Settings, &error.into(), correct_it());
    errors.into_iter().map(failed).collect()
}

fn correct_it() -> Text {
    text!("correct it", "修正してください")
}

/// Returns the tolerance, or its default if it is wrong, which another finding says.
fn tolerance(settings: &Given<Service>) -> Tolerance {
    settings.tolerance().unwrap_or(Tolerance::DEFAULT)
}

/// Returns the zone of all times that are shown, or UTC if it is wrong, which another finding says.
fn time_zone(settings: &impl Settings) -> TimeZone {
    settings.time_zone().unwrap_or(TimeZone::UTC)
}

/// Opens the database if possible and returns the findings about it.
fn at_database(
    settings: &Given<Service>,
    has_key: bool,
    clock: &SystemClock,
) -> (Option<Arc<dyn Store>>, Vec<CheckFinding>) {
    let home = match settings.home() {
        Ok(home) => home,
        Err(error) => {
            let of_database = database::failed(Check::Database, &error.into());
            return (None, vec![of_database, without_store(Check::Ledger)]);
        }
    };
    let mut found = Vec::new();
    let store = match home.open_existing() {
        Ok(store) => {
            found.extend(database::writes(&home, &*store, tolerance(settings), clock.now()));
            found.extend(database::backlog(
                &*store,
                settings.dead_events_max().unwrap_or(DEAD_EVENTS_MAX),
                has_key,
            ));
            Some(store)
        }
        Err(failure) => {
            found.push(database::failed(Check::Database, &failure));
            None
        }
    };
    found.extend(server_rights::of_files(&home));
    found.extend(settings.listen_addr().ok().and_then(server_rights::readiness));
    found.push(store.as_deref().map_or_else(|| without_store(Check::Ledger), ledger::check));
    found.push(disk::check(&home));
    (store, found)
}

/// Makes the reads at Stripe. They count against the budget if the database, which has its count,
/// is open.
fn ask(
    access: &StripeAccess,
    store: Option<&dyn Store>,
    clock: &SystemClock,
) -> Result<Vec<ProbedRead>, Failure> {
    let (stripe, budget) = (&*access.stripe, access.budget);
    wait_for(async {
        match store {
            Some(store) => rights::ask(&Budgeted::new(stripe, store, budget, clock), clock).await,
            None => rights::ask(stripe, clock).await,
        }
    })
}

/// Returns the findings that follow from Stripe's answers.
fn checks_at_stripe(
    settings: &Given<Service>,
    access: Option<&StripeAccess>,
    asked: Option<&[ProbedRead]>,
) -> Vec<CheckFinding> {
    let mut found = match asked {
        Some(asked) => asked.iter().map(rights::judge).collect(),
        None => vec![without_key(Check::Rights)],
    };
    found.push(match asked {
        Some(asked) => clock::judge(asked, tolerance(settings)),
        None => without_key(Check::Clock),
    });
    let livemode = access.is_some_and(|it| it.livemode);
    found.extend(match (settings.webhook_url(), asked) {
        (Ok(Some(url)), Some(asked)) => endpoint::judge(asked, &url, livemode),
        (Ok(Some(_)), None) => vec![without_key(Check::Endpoint)],
        (Ok(None), _) => vec![endpoint::without_url()],
        (Err(error), _) => vec![endpoint::wrong_url(&error.into())],
    });
    found
}

/// Returns the findings about API versions, those of the endpoints and those of the last events.
fn of_versions(
    settings: &Given<Service>,
    access: Option<&StripeAccess>,
    asked: Option<&[ProbedRead]>,
    store: Option<&dyn Store>,
    clock: &SystemClock,
) -> Vec<CheckFinding> {
    let endpoints = asked.and_then(|it| endpoint::read(it)?.ok());
    if store.is_none() && endpoints.is_none() {
        return vec![without_store(Check::Versions)];
    }
    let url = settings.webhook_url().ok().flatten();
    let ours = match (&endpoints, url, access) {
        (Some(endpoints), Some(url), Some(access)) => at_url(endpoints, &url, access.livemode),
        _ => Vec::new(),
    };
    versions::check(store, &ours, access.is_some(), &time_zone(settings), clock.now())
}

/// Returns the findings that follow from the database alone.
fn in_store(
    settings: &Given<Service>,
    access: Option<&StripeAccess>,
    store: Option<&dyn Store>,
    clock: &SystemClock,
) -> Vec<CheckFinding> {
    let asking = [Check::Job, Check::Budget, Check::Report];
    let Some(store) = store else {
        let kept = [Check::Provisional, Check::Accounts, Check::Alerts, Check::Deliveries];
        return asking.into_iter().chain(kept).map(without_store).collect();
    };
    let zone = time_zone(settings);
    let mut found = match access {
        Some(access) => {
            let now = clock.now();
            let job = stripe_job::check(store, access.livemode, &zone, now);
            vec![job, budget::check(store, access.budget, now), report::check(store, &zone, now)]
        }
        None => asking.map(without_key).into(),
    };
    found.push(provisional::check(store, access.is_some()));
    found.push(accounts::check(store, &zone, clock.now()));
    found.extend(of_status(settings, store, clock.now()));
    found
}

/// Returns the findings about open alerts and about Stripe's deliveries.
fn of_status(settings: &Given<Service>, store: &dyn Store, now: UnixSeconds) -> Vec<CheckFinding> {
    // A wrong address is another finding.
    let addresses = settings.addresses().unwrap_or_default();
    let channels: Vec<_> = addresses.iter().map(|it| it.name().to_owned()).collect();
    match finish(reading_status(), StoreStatus::read(store, &channels, now)) {
        Ok(status) => {
            let mut found = alerts::judge(&status.open_alerts);
            found.push(deliveries::judge(&status, &time_zone(settings), now));
            found
        }
        Err(failure) => {
            [Check::Alerts, Check::Deliveries].map(|it| database::failed(it, &failure)).into()
        }
    }
}

/// Returns the finding about a test delivery.
fn delivered(settings: &impl Settings, clock: &SystemClock) -> Result<CheckFinding, Failure> {
    match (settings.webhook_url(), settings.secrets()) {
        (Ok(Some(url)), Ok(secrets)) => delivery::check(&url, &secrets, clock.now()),
        (Ok(Some(_)), Err(_)) => Ok(delivery::not_tried(text!(
            "STRIPE_WEBHOOK_SECRET is not set or invalid: nothing can be signed",
            "STRIPE_WEBHOOK_SECRET が設定されていないか正しくないため、署名できません"
        ))),
        (Ok(None) | Err(_), _) => Ok(delivery::not_tried(text!(
            "WEBHOOK_URL is not set or invalid: there is no URL to deliver to",
            "WEBHOOK_URL が設定されていないか正しくないため、配信先がありません"
        ))),
    }
}

/// Returns the advice where Stripe did not answer.
fn first_solve_access() -> Text {
    text!(
        "first solve what `key` and `rights` report above",
        "まず、上の `key` と `rights` の問題を解決してください"
    )
}

/// Returns the advice where the database cannot be used.
fn first_solve_database() -> Text {
    text!(
        "first solve what `database` reports above",
        "まず、上の `database` の問題を解決してください"
    )
}

fn without_key(check: Check) -> CheckFinding {
    CheckFinding::not_checked(
        check,
        text!("Stripe is not asked without a key", "キーがないため、Stripe に照会しません"),
        text!("see `key` above", "上の `key` を参照してください"),
    )
}

fn without_store(check: Check) -> CheckFinding {
    CheckFinding::not_checked(
        check,
        text!("the database is not open", "データベースを開いていません"),
        text!("see `database` above", "上の `database` を参照してください"),
    )
}
