//! The running service: listener, group commit, log, background work, and orderly shutdown.

mod background;
mod body;
mod connection;
mod connections;
mod group_commit;
mod json_line;
mod listener;
mod log_sink;
mod log_time;
mod metrics;
mod operator;
mod runtime;
mod service_manager;
mod shard;
mod signals;
#[cfg(feature = "otlp")]
mod traces;
mod waiting;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::{Chance, Clock, Observe, Store, Text, text};
use portal_http::App;
use portal_service::metrics::{CountedChannel, GaugesJob};
use portal_service::settings::ServiceConfig;
use portal_service::{
    FiguresJob, Monitor, MonitorState, Notifier, SignaturesJob, StripePoller, Troubles,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::chance::SystemChance;
use crate::clock::SystemClock;
use crate::config::{LogFormat, channels, stripe_access};
use crate::database::free_bytes;
use crate::exit::Failure;
use crate::serve::background::Background;
use crate::serve::group_commit::Writer;
use crate::serve::json_line::JsonLine;
use crate::serve::log_sink::LogSink;
use crate::serve::log_time::LogTime;
use crate::serve::metrics::Measured;
use crate::serve::operator::OperatorThread;
use crate::serve::shard::Shards;

pub(crate) use operator::OperatorListener;
pub(crate) use runtime::runtime;
pub(crate) use signals::Signals;
#[cfg(feature = "otlp")]
pub(crate) use traces::TraceConfig;

/// The time that running requests have to end after a signal: Docker kills after 10 seconds, and
/// closing the database takes some.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(8);

/// The length of the kernel's queue of connections that are not accepted yet. With the usual 128 a
/// burst of senders waits a second and more, until they ask again.
const LISTEN_QUEUE: i32 = 1024;

/// A service that is bound to its address.
pub(crate) struct Server {
    listener: std::net::TcpListener,
    store: Arc<dyn Store>,
    config: ServiceConfig,
    idle_timeout: Duration,
    explains_refusals: bool,
    console: Option<(OperatorListener, LogSink)>,
    #[cfg(feature = "otlp")]
    traces: Option<TraceConfig>,
}

/// The interval of the figures that the console shows.
const FIGURES_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Starts logging to standard output; lines for people have times in `zone`.
pub(crate) fn start_log(
    format: LogFormat,
    filter: Targets,
    zone: TimeZone,
) -> Result<LogSink, Failure> {
    let sink = LogSink::start(std::io::stdout())
        .map_err(|error| Failure::could_not(starting_log(), error))?;
    let lines = fmt::layer().with_writer(sink.clone()).with_ansi(console::colors_enabled());
    let clock = Arc::new(SystemClock::new());
    let lines = match format {
        LogFormat::Json => lines.event_format(JsonLine { clock }).boxed(),
        LogFormat::Pretty => {
            lines.compact().with_timer(LogTime { clock, zone }).with_target(false).boxed()
        }
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(|error| Failure::could_not(starting_log(), Text::same(error)))?;
    Ok(sink)
}

fn starting_log() -> Text {
    text!("start the log", "ログを開始できません")
}

impl Server {
    /// Binds `address`; connections wait until [`Server::run`].
    pub(crate) fn bind(
        address: SocketAddr,
        store: Arc<dyn Store>,
        config: ServiceConfig,
        idle_timeout: Duration,
    ) -> Result<Self, Failure> {
        let what = || text!("listen on {address}", "{address} で待ち受けられません");
        let listener = listen(address).map_err(|error| Failure::could_not(what(), error))?;
        raise_open_files();
        Ok(Self {
            listener,
            store,
            config,
            idle_timeout,
            explains_refusals: false,
            console: None,
            #[cfg(feature = "otlp")]
            traces: None,
        })
    }

    /// Lets the log say why a signature was refused, for developers.
    pub(crate) fn explain_refusals(self) -> Self {
        Self { explains_refusals: true, ..self }
    }

    /// Serves the console as well, where there is one; its metrics say what `log` has dropped.
    pub(crate) fn with_console(self, operators: Option<OperatorListener>, log: &LogSink) -> Self {
        Self { console: operators.map(|it| (it, log.clone())), ..self }
    }

    /// Sends traces, where there is a collector.
    #[cfg(feature = "otlp")]
    pub(crate) fn with_traces(self, traces: Option<TraceConfig>) -> Self {
        Self { traces, ..self }
    }

    /// Returns the address that it listens on.
    pub(crate) fn address(&self) -> Result<SocketAddr, Failure> {
        let what = || text!("listen", "待ち受けられません");
        self.listener.local_addr().map_err(|error| Failure::could_not(what(), error))
    }

    /// Serves until a signal arrives; then answers the running requests, commits and closes. A
    /// second signal or [`SHUTDOWN_DEADLINE`] ends that early; Stripe sends again what was not
    /// answered.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let runtime = runtime().map_err(could_not_start)?;
        // Before the first delivery is taken, or a signal would end the process at once.
        let mut signals = {
            let _on_it = runtime.enter();
            Signals::listen().map_err(could_not_start)?
        };
        let address = self.address()?;
        let shards = std::thread::available_parallelism().map_or(1, usize::from);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let database = self.config.context.database.clone();
        let free_space = move || free_bytes(Path::new(database.as_deref()?)).ok();
        let troubles = Troubles::new(Arc::clone(&clock)).with_free_space(free_space);
        let troubles = Arc::new(troubles);
        let (answer_times, counts) = (troubles.answer_times(), troubles.counts());
        let (mut writer, inbox) =
            Writer::start(&self.store, &clock, Arc::clone(&counts)).map_err(could_not_start)?;
        let shards = Shards::start(&self.listener, shards, self.idle_timeout, || App {
            receiver: self.config.receiver.clone(),
            inbox: Arc::new(inbox.clone()),
            // Here a wrong setting keeps the server from starting.
            left_out: Vec::new(),
            dead_events_max: self.config.dead_events_max,
            observer: Arc::clone(&troubles) as Arc<dyn Observe>,
            clock: Arc::clone(&clock),
            explains_refusals: self.explains_refusals,
            version: env!("CARGO_PKG_VERSION"),
        })
        .map_err(could_not_start)?;
        drop(self.listener);
        let (operators, log) = self.console.unzip();
        let metrics = log.map(|log| {
            let measured = Measured { inbox, connections: shards.connections(), log };
            metrics::metrics(&self.config, &self.store, &clock, &troubles, measured)
        });
        let (metrics, gauges) = metrics.unzip();
        let figures = operators.as_ref().map(|_| {
            let (store, clock) = (Arc::clone(&self.store), Arc::clone(&clock));
            FiguresJob::new(store, clock, self.config.context.locale.zone.clone(), FIGURES_EVERY)
        });
        let background =
            start_background(self.config, &self.store, &clock, troubles, figures, gauges)
                .map_err(could_not_start)?;
        #[cfg(feature = "otlp")]
        background.trace(self.traces, &counts).map_err(could_not_start)?;
        tracing::info!(outcome = LogOutcome::Listening.name(), %address, "the service listens");
        let operators = operators.zip(metrics);
        let operators = operators.map(|(it, metrics)| it.start(answer_times, metrics)).transpose();
        let operators = operators.map_err(could_not_start)?;
        runtime.block_on(async {
            service_manager::ready(address).map_err(could_not_start)?;
            tokio::select! {
                () = signals.next() => {}
                () = writer.ended() => return Err(writer_ended()),
            }
            service_manager::stopping();
            tracing::info!(outcome = LogOutcome::Stopping.name(), "the service finishes what it has accepted");
            tokio::select! {
                () = stop_both(shards, operators) => {}
                () = signals.next() => tracing::warn!(outcome = LogOutcome::Stopping.name(), reason = LogReason::SecondSignal.name(), "requests are cut off"),
                () = tokio::time::sleep(SHUTDOWN_DEADLINE) => {
                    tracing::warn!(outcome = LogOutcome::Stopping.name(), reason = LogReason::ShutdownDeadline.name(), "requests are cut off");
                }
            }
            // The writer closes first, because deliveries wait for it; background work can be done
            // after the next start.
            writer.close().await;
            background.stop().await;
            tracing::info!(outcome = LogOutcome::Stopped.name(), "the service has stopped");
            Ok(())
        })
    }
}

async fn stop_both(shards: Shards, operators: Option<OperatorThread>) {
    let operators = async {
        if let Some(thread) = operators {
            thread.stop().await;
        }
    };
    tokio::join!(shards.stop(), operators);
}

/// Starts the monitor, a notifier for each channel, the jobs at Stripe, and those for the console.
fn start_background(
    config: ServiceConfig,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    troubles: Arc<Troubles>,
    figures: Option<FiguresJob>,
    gauges: Option<Arc<GaugesJob>>,
) -> std::io::Result<Background> {
    let chance: Arc<dyn Chance> = Arc::new(SystemChance);
    let (store, clock) = (|| Arc::clone(store), || Arc::clone(clock));
    let (state, counts) = (MonitorState::starting(), troubles.counts());
    let secrets = &config.receiver.secrets;
    let signatures = SignaturesJob::new(store(), clock(), Arc::clone(&troubles), secrets);
    let names = config.addresses.iter().map(|it| it.name().to_owned()).collect();
    let monitor = Monitor::new(store(), clock(), troubles, config.digest, state);
    let monitor = Arc::new(monitor.with_channels(names));
    let notifier = |channel| {
        let (monitor, chance) = (Arc::clone(&monitor), Arc::clone(&chance));
        Notifier::new(channel, store(), monitor, clock(), chance)
    };
    let counted = |channel| CountedChannel::new(channel, Arc::clone(&counts), clock());
    let channels = channels(config.addresses, &config.context).into_iter().map(counted);
    let notifiers = channels.map(|it| notifier(Arc::new(it))).collect();
    let poller = config
        .stripe
        .as_ref()
        .map(|it| StripePoller::new(stripe_access(it), store(), clock(), Arc::clone(&chance)))
        .map(|it| it.with_counts(Arc::clone(&counts)));
    Background::start(monitor, signatures, notifiers, poller, figures, gauges)
}

fn listen(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    // Again, because the standard library has chosen the length.
    rustix::net::listen(&listener, LISTEN_QUEUE)?;
    Ok(listener)
}

/// Takes as many file descriptors as this process may have: many systems give 1,024, which are fewer
/// than connections and database need. A failure shows when connections cannot be accepted.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).ok();
}

fn could_not_start(error: std::io::Error) -> Failure {
    Failure::could_not(text!("start the service", "サービスを起動できません"), error)
}

fn writer_ended() -> Failure {
    let why = text!("the writer has ended", "書き込み処理が終了しました");
    Failure::could_not(text!("continue", "続行できません"), why)
        .advise(text!("see the log, then start again", "ログを確認し、起動し直してください"))
}
