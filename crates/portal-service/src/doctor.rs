//! `doctor`: the checks that every host can make, and their findings.
//!
//! A host makes the others, about its machine and the way to its public URL.

mod finding;

mod key;
mod secrets;

mod database;
mod ledger;

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

mod kept;

use jiff::tz::TimeZone;
use portal_domain::endpoint::at_url;
use portal_domain::monitor::DEAD_EVENTS_MAX;
use portal_domain::{Clock, Store, Text, Tolerance, text};

use crate::StripeAccess;
use crate::settings::{ConsoleConfig, SettingError, Settings, read_usable};
use crate::status::StoreStatus;
use rights::ProbedRead;

pub use endpoint::of_seen as of_endpoints;
pub use finding::{Check, CheckFinding, Level, see_log};
pub use kept::DoctorRun;
pub use ledger::check as of_ledger;

/// The service that is examined, as far as its parts can be used.
pub struct Examined<'a, S> {
    pub settings: &'a S,
    /// The way to Stripe, if there is a key.
    pub access: Option<&'a StripeAccess>,
    /// The database, if it is open.
    pub store: Option<&'a dyn Store>,
    pub clock: &'a dyn Clock,
}

/// Returns the errors of the settings that say how the service runs, on any host. Those of secrets,
/// database, channels, the key and the endpoint are other checks.
pub fn errors_of_service(settings: &impl Settings) -> Vec<SettingError> {
    let read = read_usable(settings, |usable| {
        usable.tolerance()?;
        usable.dead_events_max()?;
        usable.digest()?;
        usable.cli_language()?;
        usable.message_context()?;
        ConsoleConfig::read(usable)?;
        usable.stripe_api_base()?;
        usable.read_budget()
    });
    read.map_or_else(|error| vec![error], |(_, errors)| errors)
}

impl<S: Settings + Sync> Examined<'_, S> {
    /// Returns the findings about the settings alone. The `errors` are those that no other check reads.
    pub fn of_settings(&self, errors: Vec<SettingError>) -> Vec<CheckFinding> {
        let mut found: Vec<_> =
            errors.into_iter().map(|it| CheckFinding::of_setting(Check::Settings, it)).collect();
        if found.is_empty() {
            found.push(CheckFinding::ok(
                Check::Settings,
                text!("each setting can be used", "すべての設定を使用できます"),
            ));
        }
        found.extend([secrets::judge(self.settings), key::check(self.settings)]);
        found
    }

    /// Returns the findings about the database that is open: its writes, and what is dead or waits in
    /// it. The `place` is shown.
    pub async fn of_database(&self, place: &str) -> Vec<CheckFinding> {
        let Some(store) = self.store else { return vec![without_store(Check::Database)] };
        let mut found = database::writes(place, store, self.tolerance(), self.clock.now()).await;
        let dead_max = self.settings.dead_events_max().unwrap_or(DEAD_EVENTS_MAX);
        found.extend(database::backlog(store, dead_max, self.access.is_some()).await);
        found
    }

    /// Asks Stripe, and returns the findings that follow from its answers and from the database.
    pub async fn of_stripe_and_store(&self) -> Vec<CheckFinding> {
        let asked = match self.access {
            Some(access) => Some(self.ask(access).await),
            None => None,
        };
        let asked = asked.as_deref();
        let mut found = self.at_stripe(asked);
        found.extend(self.of_versions(asked).await);
        found.extend(self.in_store().await);
        found
    }

    /// Returns the findings about the notification channels.
    pub async fn of_channels(&self) -> Vec<CheckFinding> {
        channels::check(self.settings, self.store).await
    }

    /// Makes the reads at Stripe. They count against the budget if the database, which has its count,
    /// is open.
    async fn ask(&self, access: &StripeAccess) -> Vec<ProbedRead> {
        match self.store {
            Some(store) => rights::ask(&access.budgeted(store, self.clock), self.clock).await,
            None => rights::ask(&*access.stripe, self.clock).await,
        }
    }

    /// Returns the findings that follow from Stripe's answers.
    fn at_stripe(&self, asked: Option<&[ProbedRead]>) -> Vec<CheckFinding> {
        let mut found = match asked {
            Some(asked) => asked.iter().map(rights::judge).collect(),
            None => vec![without_key(Check::Rights)],
        };
        found.push(match asked {
            Some(asked) => clock::judge(asked, self.tolerance()),
            None => without_key(Check::Clock),
        });
        let livemode = self.access.is_some_and(|it| it.livemode);
        found.extend(match (self.settings.webhook_url(), asked) {
            (Ok(Some(url)), Some(asked)) => endpoint::judge(asked, &url, livemode),
            (Ok(Some(_)), None) => vec![without_key(Check::Endpoint)],
            (Ok(None), _) => vec![endpoint::without_url()],
            (Err(error), _) => vec![CheckFinding::of_setting(Check::Endpoint, error)],
        });
        found
    }

    /// Returns the findings about API versions, those of the endpoints and those of the last events.
    async fn of_versions(&self, asked: Option<&[ProbedRead]>) -> Vec<CheckFinding> {
        let endpoints = asked.and_then(|it| endpoint::read(it)?.ok());
        if self.store.is_none() && endpoints.is_none() {
            return vec![without_store(Check::Versions)];
        }
        let url = self.settings.webhook_url().ok().flatten();
        let ours = match (&endpoints, url, self.access) {
            (Some(endpoints), Some(url), Some(access)) => at_url(endpoints, &url, access.livemode),
            _ => Vec::new(),
        };
        let (has_key, now) = (self.access.is_some(), self.clock.now());
        versions::check(self.store, &ours, has_key, &self.zone(), now).await
    }

    /// Returns the findings that follow from the database alone.
    async fn in_store(&self) -> Vec<CheckFinding> {
        let asking = [Check::Job, Check::Budget, Check::Report];
        let Some(store) = self.store else {
            let kept = [Check::Provisional, Check::Accounts, Check::Alerts, Check::Deliveries];
            return asking.into_iter().chain(kept).map(without_store).collect();
        };
        let (zone, now) = (self.zone(), self.clock.now());
        let mut found = match self.access {
            Some(access) => vec![
                stripe_job::check(store, access.livemode, &zone, now).await,
                budget::check(store, access.budget, now).await,
                report::check(store, &zone, now).await,
            ],
            None => asking.map(without_key).into(),
        };
        found.push(provisional::check(store, self.access.is_some()).await);
        found.push(accounts::check(store, &zone, now).await);
        found.extend(self.of_status(store).await);
        found
    }

    /// Returns the findings about open alerts and about Stripe's deliveries.
    async fn of_status(&self, store: &dyn Store) -> Vec<CheckFinding> {
        // A wrong address is another finding.
        let addresses = self.settings.addresses().unwrap_or_default();
        let channels: Vec<_> = addresses.iter().map(|it| it.name().to_owned()).collect();
        let now = self.clock.now();
        match StoreStatus::read(store, &channels, now).await {
            Ok(status) => {
                let mut found = alerts::judge(&status.open_alerts);
                found.push(deliveries::judge(&status, &self.zone(), now));
                found
            }
            Err(error) => {
                let what = text!("read the status", "状態を読み取れません");
                let of = |check| CheckFinding::store_failed(check, &what, &error);
                [Check::Alerts, Check::Deliveries].map(of).into()
            }
        }
    }

    /// Returns the tolerance, or its default if it is wrong, which another finding says.
    fn tolerance(&self) -> Tolerance {
        self.settings.tolerance().unwrap_or(Tolerance::DEFAULT)
    }

    /// Returns the zone of all times that are shown, or UTC if it is wrong, which another finding says.
    fn zone(&self) -> TimeZone {
        self.settings.time_zone().unwrap_or(TimeZone::UTC)
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
#[must_use]
pub fn first_solve_database() -> Text {
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

/// Returns the finding of a check that needs the database.
#[must_use]
pub fn without_store(check: Check) -> CheckFinding {
    CheckFinding::not_checked(
        check,
        text!("the database is not open", "データベースを開いていません"),
        text!("see `database` above", "上の `database` を参照してください"),
    )
}
