//! The running service: a listener, group commit, a log, and an orderly end.

mod group_commit;
mod json_line;
mod listener;
mod log_sink;
mod signals;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use portal_domain::{Receiver, Store};
use portal_http::{App, Clock};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::clock::SystemClock;
use crate::config::LogFormat;
use crate::exit::Failure;
use crate::serve::group_commit::{GroupCommit, Writer};
use crate::serve::json_line::JsonLine;
use crate::serve::log_sink::LogSink;

/// How long requests that have begun may take to end after a signal. Kubernetes kills after 30
/// seconds, systemd after 90.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(20);

/// A service that listens already.
pub(crate) struct Server {
    listener: TcpListener,
    app: App,
    writer: Writer,
}

/// The runtime that the service lives on.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::could_not("start the runtime", error))
}

/// Starts logging to standard output.
pub(crate) fn start_log(format: LogFormat, filter: Targets) -> Result<LogSink, Failure> {
    let sink = LogSink::start(std::io::stdout())
        .map_err(|error| Failure::could_not("start the log", error))?;
    let lines = fmt::layer()
        .with_writer(sink.clone())
        .with_ansi(std::io::stdout().is_terminal());
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
    /// Binds `address` and starts to write to `store`.
    pub(crate) async fn start(
        address: SocketAddr,
        store: impl Store + 'static,
        receiver: Receiver,
    ) -> Result<Self, Failure> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Failure::could_not(format!("listen on {address}"), error))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let (inbox, writer) = GroupCommit::start(Arc::new(store), Arc::clone(&clock))
            .map_err(|error| Failure::could_not("start the writer", error))?;
        let app = App {
            receiver,
            inbox: Arc::new(inbox),
            clock,
            version: env!("CARGO_PKG_VERSION"),
        };
        Ok(Self {
            listener,
            app,
            writer,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Result<SocketAddr, Failure> {
        self.listener
            .local_addr()
            .map_err(|error| Failure::could_not("listen", error))
    }

    /// Serves until a signal comes; then finishes what was accepted, commits and closes. A second
    /// signal, or [`SHUTDOWN_DEADLINE`], ends that early: what is not answered then, Stripe sends
    /// again.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let Self {
            listener,
            app,
            mut writer,
        } = self;
        tracing::info!(outcome = "listening", address = %listener.local_addr().map_err(|error| Failure::could_not("listen", error))?);
        let mut signals = signals::Signals::listen()?;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let router = portal_http::router(app);
        let mut serving = std::pin::pin!(listener::serve(listener, router, async {
            // Ends as well where the sender is gone.
            stopped.await.ok();
        }));
        tokio::select! {
            () = &mut serving => {}
            () = signals.next() => {}
            () = writer.ended() => {
                return Err(Failure::could_not("go on", "the writer ended unexpectedly; see the lines above"));
            }
        }
        tracing::info!(outcome = "stopping");
        drop(stop);
        tokio::select! {
            () = serving => {}
            () = signals.next() => tracing::warn!(outcome = "stopping", reason = "second_signal"),
            () = tokio::time::sleep(SHUTDOWN_DEADLINE) => {
                tracing::warn!(outcome = "stopping", reason = "deadline_passed");
            }
        }
        writer.close().await;
        tracing::info!(outcome = "stopped");
        Ok(())
    }
}
