//! A portal and its account at Stripe, with a clock that the test sets.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use portal_contract::{FakeChance, FakeClock};
use portal_domain::endpoint_check::EndpointCheck;
use portal_domain::payouts::job::PayoutsJob;
use portal_domain::read_budget::{BUDGET, Budgeted};
use portal_domain::reconcile::{Reconciler, Run};
use portal_domain::stripe_job::{Done, StripeJob};
use portal_domain::{
    AlertFilter, Alerts as _, Clock as _, Donation, DonationFilter, DonationState, Entry,
    Inbox as _, Ledger as _, Receiver, Report, Reports as _, Secret, Secrets, Store, Tolerance,
    UnixSeconds, Window, sign,
};
use portal_outbound::{ApiKey, Host, HttpTransport, Pace, StripeApi, Url};
use portal_sqlite::SqliteStore;
use portal_testkit::stripe::{Account, Delivery, Server};
use tempfile::TempDir;

use crate::support::Result;

/// The beginning of the stories: 2026-11-01T00:00:00Z.
pub(crate) const BEGIN: i64 = 1_793_491_200;
pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The portal's public URL.
pub(crate) const WEBHOOK: &str = "https://donate.example.org/api/webhooks/stripe";

const KEY: &str = "rk_live_0123456789abcdef";
const SECRET: &str = "whsec_reconcile";

/// A portal without a process: a store, and the steps that a host runs.
pub(crate) struct World {
    pub(crate) stripe: Server,
    pub(crate) store: SqliteStore,
    pub(crate) budget: u64,
    api: StripeApi,
    receiver: Receiver,
    clock: FakeClock,
    _folder: TempDir,
}

/// The values of a donation that both sides must agree on: id, kind, state, amount, currency,
/// refunded, lost, out of band, live.
pub(crate) type Gift = (String, &'static str, &'static str, i64, String, i64, i64, bool, bool);

impl World {
    pub(crate) fn new(account: Account) -> Result<Self> {
        let clock = FakeClock::at(BEGIN);
        let stripe = Server::start(account, KEY, clock.seconds())?;
        let in_memory = Path::new("/dev/shm");
        let folder = if in_memory.is_dir() {
            tempfile::tempdir_in(in_memory)?
        } else {
            tempfile::tempdir()?
        };
        let store = SqliteStore::open(&folder.path().join("donations.db"))?;
        let host = Host {
            clock: Arc::new(clock.clone()),
            chance: Arc::new(FakeChance(7)),
            pace: Arc::new(FakePace(clock.clone())),
        };
        let transport = Arc::new(HttpTransport::new(Duration::from_secs(10)));
        let api =
            StripeApi::new(&ApiKey::parse(KEY)?, &Url::parse(&stripe.base())?, transport, host);
        let receiver = Receiver { secrets: Secrets::new(SECRET)?, tolerance: Tolerance::DEFAULT };
        Ok(Self { stripe, store, budget: BUDGET, api, receiver, clock, _folder: folder })
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().get()
    }

    pub(crate) fn at(&self, seconds: i64) {
        self.clock.set(seconds);
    }

    /// Receives a delivery, as a host does.
    pub(crate) fn deliver(&self, delivery: &Delivery) -> Result {
        let now = UnixSeconds::new(self.now()).ok_or("a time")?;
        let header = sign(&Secret::new(SECRET)?, now, &delivery.body);
        let headers = [header.as_bytes()];
        let event = self.receiver.read(headers, delivery.body.clone().into(), now)?;
        wait(self.store.record(&[Arc::new(Entry::decide(event))], now))??;
        Ok(())
    }

    /// Runs the jobs that the service runs by itself, until none is due.
    pub(crate) fn tend(&self) -> Result<Vec<Done>> {
        self.tend_steps(100_000)
    }

    /// Runs them for up to so many steps.
    pub(crate) fn tend_steps(&self, steps: u32) -> Result<Vec<Done>> {
        let mut left = steps;
        self.with_job(|job| wait(job.tend(&mut left)))?.map_err(Into::into)
    }

    /// Runs the job that reads payouts until it is not due.
    pub(crate) fn tend_payouts(&self) -> Result {
        let stripe = Budgeted::new(&self.api, &self.store, self.budget, &self.clock);
        let (store, clock) = (&self.store, &self.clock);
        let job = PayoutsJob { stripe: &stripe, store, clock, livemode: true };
        wait(job.tend(100_000))??;
        Ok(())
    }

    pub(crate) fn api(&self) -> &StripeApi {
        &self.api
    }

    pub(crate) fn clock(&self) -> &FakeClock {
        &self.clock
    }

    /// Checks the endpoint as an operator does at the console.
    pub(crate) fn look_at_endpoint(&self) -> Result {
        let look = |job: &StripeJob<'_>| {
            wait(EndpointCheck::make(job.stripe, job.store, WEBHOOK, true, job.clock))
        };
        self.with_job(look)??;
        Ok(())
    }

    /// Fetches the objects that thin events await.
    pub(crate) fn fetch(&self) -> Result<usize> {
        Ok(self.with_job(|job| wait(job.fetch(20)))??.len())
    }

    /// Compares all objects created at Stripe since `since` (Unix seconds) with the ledger.
    pub(crate) fn reconcile(&self, since: i64) -> Result<Report> {
        let now = self.clock.now();
        let since = UnixSeconds::new(since).ok_or("a time")?;
        let mut run = Run::full(Window { since, until: now }, since, true, now);
        let reconciler = Reconciler { stripe: &self.api, store: &self.store, clock: &self.clock };
        while !run.has_ended() {
            wait(reconciler.step(&mut run))??;
        }
        Ok(run.report)
    }

    fn with_job<T>(&self, act: impl FnOnce(&StripeJob<'_>) -> T) -> T {
        let store: &dyn Store = &self.store;
        let stripe = Budgeted::new(&self.api, store, self.budget, &self.clock);
        act(&StripeJob {
            stripe: &stripe,
            store,
            webhook_url: Some(WEBHOOK),
            livemode: true,
            clock: &self.clock,
            jitter: 7,
        })
    }

    /// Returns the donations of the ledger, sorted by id; the kind of provisional ones says so.
    pub(crate) fn ledger(&self) -> Result<Vec<Gift>> {
        let filter = DonationFilter::default();
        let mut all: Vec<_> =
            wait(self.store.donations(&filter, None, u32::MAX))??.iter().map(here).collect();
        all.sort();
        Ok(all)
    }

    /// Returns the donations that the ledger should have.
    pub(crate) fn truth(&self) -> Vec<Gift> {
        self.stripe.account().donations(self.now()).into_iter().map(there).collect()
    }

    pub(crate) fn reports(&self) -> Result<Vec<Report>> {
        let reports = wait(self.store.reports(None, 100))??;
        Ok(reports.into_iter().map(|(_, report)| report).collect())
    }

    /// Returns the keys of open alerts.
    pub(crate) fn alerts(&self) -> Result<Vec<String>> {
        let alerts = wait(self.store.alerts(AlertFilter::All, 100))??;
        Ok(alerts.into_iter().filter(|it| it.open).map(|it| it.key).collect())
    }
}

impl World {
    /// Returns the keys of open alerts, sorted.
    pub(crate) fn sorted_alerts(&self) -> Result<Vec<String>> {
        let mut alerts = self.alerts()?;
        alerts.sort();
        Ok(alerts)
    }
}

fn here(it: &Donation) -> Gift {
    let open = it.provisional && it.state == DonationState::Paid;
    let kind = if open { "provisional" } else { it.kind.name() };
    let (id, currency) = (it.id.to_string(), it.currency.to_string());
    (
        id,
        kind,
        it.state.name(),
        it.amount,
        currency,
        it.refunded,
        it.lost,
        it.out_of_band,
        it.livemode,
    )
}

fn there(it: portal_testkit::stripe::Donation) -> Gift {
    let (kind, state) = (it.kind.name(), it.state.name());
    let (currency, refunded, lost) = (it.currency.to_owned(), it.refunded, it.lost);
    (it.id, kind, state, it.amount, currency, refunded, lost, it.out_of_band, it.livemode)
}

/// Runs `step` to its end on this thread.
pub(crate) fn wait<T>(step: impl Future<Output = T>) -> Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().build()?.block_on(step))
}

/// Time passes for who pauses, and nobody waits.
struct FakePace(FakeClock);

#[async_trait::async_trait]
impl Pace for FakePace {
    async fn pause(&self, duration: Duration) {
        self.0.wait(duration);
    }
}
