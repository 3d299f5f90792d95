//! The values that all requests of one isolate share, made for the first of them.

use std::sync::{Arc, OnceLock};

use axum::Router;
use jiff::SignedDuration;
use portal_console::{ConsoleApp, ConsoleHost, ConsoleLimits, is_of_console};
use portal_d1::{D1Executor, D1Store, SCHEMA_VERSION};
use portal_domain::log_names::LogOutcome;
use portal_domain::{Chance, Clock, Observe, Store};
use portal_http::{App, router, router_unconfigured};
use portal_outbound::{Channel, Host, Transport};
use portal_service::metrics::{GaugesJob, Metrics};
use portal_service::settings::{SETTINGS_ON_WORKER, StripeConfig, shown};
use portal_service::{
    FiguresJob, Monitor, MonitorState, Notifier, SignaturesJob, StripeAccess, StripePoller,
    Troubles,
};
use worker::Env;

use crate::chance::EdgeChance;
use crate::clock::EdgeClock;
use crate::config::{Bindings, UsableConfig};
use crate::inbox::StoreRecorder;
use crate::inspect::EdgeInspector;
use crate::log;
use crate::maintenance::Maintenance;
use crate::pace::EdgePace;
use crate::transport::FetchTransport;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The interval of the figures that the console shows: D1 bills the rows that they are made of.
const FIGURES_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The age at which the gauges of the store are read anew for one who collects metrics, for the same
/// reason.
const GAUGES_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Cloudflare ends a request whose sender has gone without a word, so that nobody could count the pages
/// that are being made; D1 answers one statement at a time, and bills each row that is looked at.
const LIMITS: ConsoleLimits =
    ConsoleLimits { pages_at_once: usize::MAX, rows_searched: 5_000, donations_added_up: 5_000 };

/// The values that all requests share. Bindings belong to no request, so they may be kept.
pub(crate) struct Isolate {
    pub(crate) router: Router,
    /// Nothing where no operator is set.
    pub(crate) console: Option<Router>,
    /// Nothing where the configuration is wrong.
    pub(crate) care: Option<Maintenance>,
}

impl Isolate {
    /// This isolate's, made from `env` the first time.
    pub(crate) fn of(env: &Env) -> &'static Self {
        static ISOLATE: OnceLock<Isolate> = OnceLock::new();
        ISOLATE.get_or_init(|| Self::start(env))
    }

    /// Returns the routes for a path: those of the console where there is one.
    pub(crate) fn router_for(&self, path: &str) -> Router {
        self.console.as_ref().filter(|_| is_of_console(path)).unwrap_or(&self.router).clone()
    }

    fn start(env: &Env) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(EdgeClock);
        let bindings = Bindings::of(env);
        log::start(bindings.log_as_text().unwrap_or_default(), Arc::clone(&clock));
        match bindings.read(env) {
            Ok(usable) => {
                for error in &usable.left_out {
                    tracing::error!(outcome = LogOutcome::Misconfigured.name(), reason = error.name, %error, "the setting is wrong and is left out");
                }
                Self::new(usable, bindings, &clock)
            }
            Err(error) => {
                let reason = error.name;
                tracing::error!(outcome = LogOutcome::Misconfigured.name(), reason, %error, "the configuration cannot be used");
                let problem = error.to_string();
                Self {
                    router: router_unconfigured(problem, clock, VERSION),
                    console: None,
                    care: None,
                }
            }
        }
    }

    fn new(usable: UsableConfig, bindings: Bindings, clock: &Arc<dyn Clock>) -> Self {
        let UsableConfig { config, database, left_out } = usable;
        let (troubles, work) = (Arc::new(Troubles::new(Arc::clone(clock))), Arc::default());
        let store: Arc<dyn Store> = Arc::new(D1Store::new(D1Executor::new(database)));
        let inbox = StoreRecorder::new(Arc::clone(&store), Arc::clone(clock), Arc::clone(&work));
        let chance: Arc<dyn Chance> = Arc::new(EdgeChance);
        let transport: Arc<dyn Transport> = Arc::new(FetchTransport);
        let access = |config: &StripeConfig| {
            let (clock, chance) = (Arc::clone(clock), Arc::clone(&chance));
            let host = Host { clock, chance, pace: Arc::new(EdgePace) };
            config.access(Arc::clone(&transport), host)
        };
        let console = config.console.operators.is_some().then(|| {
            let (store, clock) = (Arc::clone(&store), Arc::clone(clock));
            let access = config.stripe.as_ref().map(access);
            let host = host(bindings, access, &store, &clock);
            let read = (Arc::clone(&store), Arc::clone(&clock));
            let gauges = GaugesJob::new(&config, read.0, read.1, GAUGES_EVERY);
            let metrics = Metrics::of_store(VERSION, "d1", Arc::new(gauges));
            let app = ConsoleApp::new(&config, store, clock, host, LIMITS);
            portal_console::router(app.with_metrics(Arc::new(metrics)))
        });
        let signatures = console.is_some().then(|| {
            let (store, clock) = (Arc::clone(&store), Arc::clone(clock));
            SignaturesJob::new(store, clock, Arc::clone(&troubles), &config.receiver.secrets)
        });
        let router = router(App {
            receiver: config.receiver,
            inbox: Arc::new(inbox),
            dead_events_max: config.dead_events_max,
            left_out: left_out.iter().map(|it| it.name).collect(),
            observer: Arc::clone(&troubles) as Arc<dyn Observe>,
            clock: Arc::clone(clock),
            explains_refusals: false,
            version: VERSION,
        });
        let zone = config.context.locale.zone.clone();
        let (store, clock) = (|| Arc::clone(&store), || Arc::clone(clock));
        // An isolate is one of many: it knows nothing of what was looked at before.
        let (news, state) = (Arc::clone(&troubles), MonitorState::default());
        let names = config.addresses.iter().map(|it| it.name().to_owned()).collect();
        let monitor = Monitor::new(store(), clock(), news, config.digest, state);
        let monitor = Arc::new(monitor.with_channels(names));
        let notifier = |address| {
            let channel = Channel::new(address, config.context.clone(), Arc::clone(&transport));
            let (monitor, chance) = (Arc::clone(&monitor), Arc::clone(&chance));
            Notifier::new(Arc::new(channel), store(), monitor, clock(), chance)
        };
        let notifiers = config.addresses.into_iter().map(notifier).collect();
        let poller = config
            .stripe
            .as_ref()
            .map(|it| StripePoller::new(access(it), store(), clock(), Arc::clone(&chance)));
        let figures =
            console.is_some().then(|| FiguresJob::new(store(), clock(), zone, FIGURES_EVERY));
        let care = Maintenance { troubles, work, monitor, notifiers, poller, figures, signatures };
        Self { router, console, care: Some(care) }
    }
}

/// Returns what the console has of the Worker.
fn host(
    settings: Bindings,
    access: Option<StripeAccess>,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
) -> ConsoleHost {
    let all = SETTINGS_ON_WORKER.iter().copied().flatten();
    let shown = shown(&settings, all).unwrap_or_default();
    let (store, clock) = (Arc::clone(store), Arc::clone(clock));
    ConsoleHost {
        version: VERSION,
        schema_version: SCHEMA_VERSION,
        settings: shown,
        inspect: Arc::new(EdgeInspector { settings, access, store, clock }),
    }
}
