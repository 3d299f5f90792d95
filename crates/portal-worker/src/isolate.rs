//! What all requests of one isolate share, made when the first of them comes.

use std::sync::{Arc, OnceLock};

use axum::Router;
use portal_d1::D1Store;
use portal_domain::Clock;
use portal_domain::{Notify, Record, Store};
use portal_http::{App, Observe, router, router_unconfigured};
use portal_outbound::{Channel, Transport};
use worker::{D1Database, Env, js_sys};

use crate::clock::EdgeClock;
use crate::config::{Config, Misconfigured, Why};
use crate::counts::IsolateCounts;
use crate::inbox::StoreRecorder;
use crate::log;
use crate::maintenance::Maintenance;
use crate::memory::RecentIds;
use crate::notifier::Notifier;
use crate::stripe_poller::StripePoller;
use crate::transport::FetchTransport;

/// The binding of the D1 database.
const DATABASE: &str = "DATABASE_URL";

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What all requests of one isolate share. Bindings belong to no request, so they may be kept.
pub(crate) struct Isolate {
    pub(crate) router: Router,
    /// Nothing where the configuration is wrong.
    pub(crate) care: Option<Maintenance>,
}

impl Isolate {
    /// This isolate's, made from `env` the first time.
    pub(crate) fn of(env: &Env) -> &'static Self {
        static ISOLATE: OnceLock<Isolate> = OnceLock::new();
        ISOLATE.get_or_init(|| Self::start(env))
    }

    fn start(env: &Env) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(EdgeClock);
        let variable = |name: &str| text(env, name);
        log::start(variable("LOG_FORMAT").as_deref(), Arc::clone(&clock));
        let read = Config::read(&variable).and_then(|config| Ok((config, database(env)?)));
        match read {
            Ok((config, database)) => Self::new(config, database, clock),
            Err(misconfigured) => {
                let reason = misconfigured.variable;
                tracing::error!(outcome = "misconfigured", reason, error = %misconfigured);
                let problem = misconfigured.to_string();
                Self { router: router_unconfigured(problem, clock, VERSION), care: None }
            }
        }
    }

    fn new(config: Config, database: Option<D1Database>, clock: Arc<dyn Clock>) -> Self {
        let counts = Arc::new(IsolateCounts::new(Arc::clone(&clock)));
        let store = database.map(|it| -> Arc<dyn Store> { Arc::new(D1Store::new(it)) });
        let inbox: Arc<dyn Record> = match &store {
            Some(store) => Arc::new(StoreRecorder::new(
                Arc::clone(store),
                Arc::clone(&clock),
                Arc::clone(&counts),
            )),
            None => {
                tracing::warn!(outcome = "not_durable", reason = "no_database");
                Arc::new(RecentIds::default())
            }
        };
        let router = router(App {
            receiver: config.receiver,
            inbox,
            durable: store.is_some(),
            dead_events_max: config.dead_events_max,
            observer: Arc::clone(&counts) as Arc<dyn Observe>,
            clock: Arc::clone(&clock),
            version: VERSION,
        });
        let transport: Arc<dyn Transport> = Arc::new(FetchTransport);
        let notifier = |address| {
            let channel: Arc<dyn Notify> =
                Arc::new(Channel::new(address, config.language, Arc::clone(&transport)));
            Notifier::new(channel, Arc::clone(&clock))
        };
        let notifiers = config.addresses.into_iter().map(notifier).collect();
        let job =
            config.stripe_config.map(|it| StripePoller::new(it, transport, Arc::clone(&clock)));
        let care = Maintenance::new(store, clock, counts, notifiers, config.digest, job);
        Self { router, care: Some(care) }
    }
}

/// A variable or a secret, as text: where wrangler.toml has a number, the binding is one.
fn text(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env, &name.into()).ok().filter(|it| !it.is_undefined())?;
    value.as_string().or_else(|| js_sys::JSON::stringify(&value).ok().map(String::from))
}

/// The database, if there is one. What is bound to that name and is none is no reason to forget
/// events instead.
fn database(env: &Env) -> Result<Option<D1Database>, Misconfigured> {
    let bound = js_sys::Reflect::has(env, &DATABASE.into()).unwrap_or_default();
    let database = bound.then(|| env.d1(DATABASE)).transpose();
    database.map_err(|_| Misconfigured { variable: DATABASE, why: Why::NotD1 })
}
