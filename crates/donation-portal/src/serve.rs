//! The running service: a listener, group commit, a log, and an orderly end.

mod background;
mod counts;
mod group_commit;
mod json_line;
mod listener;
mod log_sink;
mod monitor;
mod notifier;
mod shard;
mod signals;
mod stripe_poller;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portal_domain::Clock;
use portal_domain::digest::Schedule;
use portal_domain::{Notify, Receiver, Store};
use portal_http::{App, Observe};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::clock::SystemClock;
use crate::config::{self, Alerting, LogFormat, StripeConfig};
use crate::exit::Failure;
use crate::serve::background::Background;
use crate::serve::counts::RequestCounts;
use crate::serve::group_commit::Writer;
use crate::serve::json_line::JsonLine;
use crate::serve::log_sink::LogSink;
use crate::serve::monitor::{Monitor, Unstored};
use crate::serve::notifier::Notifier;
use crate::serve::shard::Shards;
use crate::serve::signals::Signals;
use crate::serve::stripe_poller::{StripeAccess, StripePoller};

pub(crate) use shard::runtime;

/// How long requests that have begun may take to end after a signal. Kubernetes kills after 30
/// seconds, systemd after 90.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(20);

/// A service that listens already.
pub(crate) struct Server {
    listener: std::net::TcpListener,
    store: Arc<dyn Store>,
    receiver: Receiver,
    care: BackgroundConfig,
}

/// How the service looks after itself.
pub(crate) struct BackgroundConfig {
    /// With more dead events than this the service is not ready.
    pub(crate) dead_events_max: u64,
    /// Whom to tell.
    pub(crate) channels: Vec<Arc<dyn Notify>>,
    /// When the digest is made, if it is.
    pub(crate) digest: Option<Schedule>,
    /// How Stripe is asked, if it is.
    pub(crate) stripe_config: Option<StripeAccess>,
}

/// Starts logging to standard output.
pub(crate) fn start_log(format: LogFormat, filter: Targets) -> Result<LogSink, Failure> {
    let sink = LogSink::start(std::io::stdout())
        .map_err(|error| Failure::could_not("start the log", error))?;
    let lines = fmt::layer().with_writer(sink.clone()).with_ansi(std::io::stdout().is_terminal());
    let clock = Arc::new(SystemClock::new());
    let lines = match format {
        LogFormat::Json => lines.event_format(JsonLine { clock }).boxed(),
        LogFormat::Pretty => lines.compact().without_time().with_target(false).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(|error| Failure::could_not("start the log", error))?;
    Ok(sink)
}

impl Server {
    /// Binds `address`; connections wait until [`Server::run`].
    pub(crate) fn bind(
        address: SocketAddr,
        store: Arc<dyn Store>,
        receiver: Receiver,
        care: BackgroundConfig,
    ) -> Result<Self, Failure> {
        let bound = std::net::TcpListener::bind(address)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
        match bound {
            Ok(listener) => Ok(Self { listener, store, receiver, care }),
            Err(error) => Err(Failure::could_not(format!("listen on {address}"), error)),
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Result<SocketAddr, Failure> {
        self.listener.local_addr().map_err(|error| Failure::could_not("listen", error))
    }

    /// Serves until a signal comes; then finishes what was accepted, commits and closes. A second
    /// signal, or [`SHUTDOWN_DEADLINE`], ends that early: what is not answered then, Stripe sends
    /// again.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let runtime = runtime().map_err(could_not_start)?;
        let address = self.address()?;
        let shards = std::thread::available_parallelism().map_or(1, usize::from);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let counts = Arc::new(RequestCounts::default());
        let (mut writer, shard_handles) =
            Writer::start(&self.store, &clock, shards).map_err(could_not_start)?;
        let shards = Shards::start(&self.listener, shard_handles, |inbox| App {
            receiver: self.receiver.clone(),
            inbox: Arc::new(inbox),
            durable: true,
            dead_events_max: self.care.dead_events_max,
            observer: Arc::clone(&counts) as Arc<dyn Observe>,
            clock: Arc::clone(&clock),
            version: env!("CARGO_PKG_VERSION"),
        })
        .map_err(could_not_start)?;
        drop(self.listener);
        let background = self.care.begin(&self.store, &clock, counts).map_err(could_not_start)?;
        tracing::info!(outcome = "listening", %address);
        runtime.block_on(async {
            let mut signals = Signals::listen().map_err(could_not_start)?;
            tokio::select! {
                () = signals.next() => {}
                () = writer.ended() => return Err(Failure::could_not("go on", "the writer has ended")),
            }
            tracing::info!(outcome = "stopping");
            tokio::select! {
                () = shards.stop() => {}
                () = signals.next() => tracing::warn!(outcome = "stopping", reason = "second_signal"),
                () = tokio::time::sleep(SHUTDOWN_DEADLINE) => {
                    tracing::warn!(outcome = "stopping", reason = "shutdown_deadline");
                }
            }
            // The writer first: what waits for it is more than what may be done after the next start.
            writer.close().await;
            background.stop();
            tracing::info!(outcome = "stopped");
            Ok(())
        })
    }
}

impl BackgroundConfig {
    pub(crate) fn new(
        watch: &config::ReadinessConfig,
        alerting: &Alerting,
        stripe: &StripeConfig,
    ) -> Result<Self, Failure> {
        Ok(Self {
            dead_events_max: watch.dead_events_max,
            channels: alerting.channels()?,
            digest: alerting.digest(),
            stripe_config: StripeAccess::new(stripe)?,
        })
    }

    fn begin(
        self,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        counts: Arc<RequestCounts>,
    ) -> std::io::Result<Background> {
        let unstored = Arc::new(Unstored::default());
        let notifier = |channel| Notifier {
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            channel,
            unstored: Arc::clone(&unstored),
            notified_directly_at: Mutex::default(),
        };
        let notifiers = self.channels.into_iter().map(notifier).collect();
        let watch = Monitor {
            clock: Arc::clone(clock),
            counts,
            digest: self.digest,
            unstored: Arc::clone(&unstored),
            store: Arc::clone(store),
        };
        let job = self.stripe_config.map(|stripe_config| StripePoller {
            stripe_config,
            store: Arc::clone(store),
            clock: Arc::clone(clock),
        });
        Background::start(watch, notifiers, job)
    }
}

fn could_not_start(error: std::io::Error) -> Failure {
    Failure::could_not("start the service", error)
}
