//! `donation-portal doctor`

mod printer;

mod disk;
mod server_rights;

mod delivery;

use std::sync::Arc;

use portal_domain::{Advise as _, Clock as _, Store, text};
use portal_service::doctor::{Check, CheckFinding, Examined, of_ledger, see_log, without_store};
use portal_service::settings::{Settings, StripeConfig, read_usable};

use crate::clock::SystemClock;
use crate::commands::{ServiceArgs, wait_for};
use crate::config::{Given, Service, stripe_access};
use crate::database::DatabaseUrl;
use crate::exit::{Exit, Failure};
use printer::Printer;

/// Arguments of `doctor`.
#[derive(clap::Args)]
#[command(after_help = format!("Example: donation-portal doctor --format json\n\n{}", Check::list()))]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let ServiceArgs { settings, format } = &args.service;
    // A wrong setting is one of the findings.
    let language = settings.cli_language().unwrap_or_default();
    let mut printer = Printer::new(*format, language);
    let checked = check(settings, &mut |findings| printer.print(findings));
    let exit = printer.end()?;
    checked.map(|()| exit)
}

/// Makes the checks, each after those that its findings refer to, and hands over what each group of them
/// has found.
pub(super) fn check(
    settings: &Given<Service>,
    found: &mut dyn FnMut(Vec<CheckFinding>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let clock = &SystemClock::new();
    // Stripe can be asked although another setting is wrong, which has a finding of its own.
    let config = read_usable(settings, |usable| StripeConfig::read(usable));
    let access = config.ok().and_then(|(config, _)| config).as_ref().map(stripe_access);
    let access = access.as_ref();
    let examined = |store| Examined { settings, access, store, clock };
    found(examined(None).of_settings(settings.errors()))?;
    let (store, of_database) = open(settings);
    let examined = examined(store.as_deref());
    found(of_database)?;
    found(at_database(settings, &examined)?)?;
    found(wait_for(examined.of_stripe_and_store())?)?;
    found(vec![delivered(settings, clock)?])?;
    found(wait_for(examined.of_channels())?)
}

/// Opens the database if possible; otherwise returns the finding about it.
fn open(settings: &Given<Service>) -> (Option<Arc<dyn Store>>, Vec<CheckFinding>) {
    let home = match settings.home() {
        Ok(home) => home,
        Err(error) => return (None, vec![CheckFinding::of_setting(Check::Database, error)]),
    };
    match home.open_existing() {
        Ok(store) => (Some(store), Vec::new()),
        Err(failure) => {
            let advice = failure.advice().cloned().unwrap_or_else(see_log);
            (None, vec![CheckFinding::wrong(Check::Database, failure.finding(), advice)])
        }
    }
}

/// Returns the findings about the database, its files and its disk.
fn at_database(
    settings: &Given<Service>,
    examined: &Examined<'_, Given<Service>>,
) -> Result<Vec<CheckFinding>, Failure> {
    let Ok(home) = settings.home() else { return Ok(vec![without_store(Check::Ledger)]) };
    let mut found = Vec::new();
    if examined.store.is_some() {
        found.extend(match unreadable(&home) {
            Some(unreadable) => vec![unreadable],
            None => wait_for(examined.of_database(&home.to_string()))?,
        });
    }
    found.extend(server_rights::of_files(&home));
    found.extend(settings.listen_addr().ok().and_then(server_rights::readiness));
    found.push(match examined.store {
        Some(store) => wait_for(of_ledger(store))?,
        None => without_store(Check::Ledger),
    });
    found.push(disk::check(&home));
    Ok(found)
}

/// Returns the finding if not all of a database file can be read.
fn unreadable(home: &DatabaseUrl) -> Option<CheckFinding> {
    let DatabaseUrl::Sqlite(path) = home else { return None };
    let error = portal_sqlite::quick_check(path).err()?;
    let found = text!("{home}: not all of it can be read", "{home} の一部を読み取れません");
    let advice = text!(
        "stop the service, keep the file, and restore the last backup (runbook, section 9)",
        "サービスを停止し、ファイルを残したまま、最後のバックアップから復元してください（運用手順書の §9）"
    );
    Some(CheckFinding::wrong(Check::Database, found.about(&error.text()), advice))
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
