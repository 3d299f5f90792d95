//! The operator listener: the console on a thread, connections and a store of its own, so that it
//! delays no delivery.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn;
use portal_console::{ConsoleApp, ConsoleHost, ConsoleLimits};
use portal_domain::log_names::{LogOutcome, LogReason};
use portal_domain::{
    Answered, Clock, MatchedSecrets, Observe, Refusal, RequestRejection, Store, Unavailable, text,
};
use portal_service::AnswerTimes;
use portal_service::metrics::Metrics;
use portal_service::settings::{OPERATOR_TOKENS, ServiceConfig};
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::OperatorAddr;
use crate::exit::Failure;
use crate::serve::body::BodyLimits;
use crate::serve::connections::Connections;
use crate::serve::listener::{self, Serving};
use crate::serve::waiting::beside_others;

/// The maximum number of connections of operators at once.
const CONNECTIONS_MAX: usize = 32;

/// Many consoles leave the machine to the intake (and share two connections to the database). A search
/// takes some tens of milliseconds, and so does a sum.
const LIMITS: ConsoleLimits =
    ConsoleLimits { pages_at_once: 4, rows_searched: 8_000, donations_added_up: 25_000 };

/// The threads that serve the console, beside those on which a page waits for the database.
const THREADS: usize = 2;

/// The time for which a connection of an operator may be idle.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The console, bound to its address; its thread starts with the server.
pub(crate) struct OperatorListener {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    console: ConsoleApp,
}

/// The thread that serves the console.
pub(crate) struct OperatorThread {
    stop: CancellationToken,
    running: TaskTracker,
}

impl OperatorListener {
    /// Binds the address of the console. Returns `None` where it is off, or where nobody has set it and
    /// another program has the default one.
    ///
    /// # Errors
    /// If strangers could reach a console without tokens, or the address that is set cannot be bound.
    pub(crate) fn bind(
        address: OperatorAddr,
        config: &ServiceConfig,
        open: impl FnOnce(Arc<dyn Clock>) -> Result<(Arc<dyn Store>, ConsoleHost), Failure>,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>, Failure> {
        let OperatorAddr::At { address, is_set } = address else { return Ok(None) };
        if config.console.operators.is_none() && !address.ip().is_loopback() {
            let why = text!(
                "it is not set, and {address} can be reached from elsewhere",
                "設定されていませんが、{address} はこのマシンの外から接続できます"
            );
            return Err(Failure::misuse(OPERATOR_TOKENS.name, why).advise(text!(
                "set it, or OPERATOR_ADDR to an address of this machine alone, or to off",
                "設定するか、OPERATOR_ADDR をこのマシンだけのアドレスか off にしてください"
            )));
        }
        let listener = match TcpListener::bind(address) {
            Ok(listener) => listener,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && !is_set => {
                let (outcome, reason) =
                    (LogOutcome::Misconfigured.name(), LogReason::OperatorAddrInUse.name());
                tracing::warn!(outcome, reason, %address, "another program has the console's address, so there is no console; set OPERATOR_ADDR");
                return Ok(None);
            }
            Err(error) => {
                let what = text!(
                    "listen on {address} for the console",
                    "コンソールを {address} で待ち受けられません"
                );
                return Err(Failure::could_not(what, error).advise(text!(
                    "set OPERATOR_ADDR to another address, or to off",
                    "OPERATOR_ADDR を別のアドレスか off にしてください"
                )));
            }
        };
        let could_not = |error: io::Error| {
            let what = text!("listen for the console", "コンソールを待ち受けられません");
            Failure::could_not(what, error)
        };
        listener.set_nonblocking(true).map_err(could_not)?;
        let address = listener.local_addr().map_err(could_not)?;
        let (store, host) = open(Arc::clone(&clock))?;
        let console = ConsoleApp::new(config, store, clock, host, LIMITS);
        Ok(Some(Self { listener, address, console }))
    }

    /// Returns the URL of the first page.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/ops/", self.address)
    }

    /// Starts the thread that serves the console.
    pub(crate) fn start(
        self,
        answer_times: Arc<AnswerTimes>,
        metrics: Arc<Metrics>,
    ) -> io::Result<OperatorThread> {
        let thread = OperatorThread { stop: CancellationToken::new(), running: TaskTracker::new() };
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("operators")
            .enable_all()
            .build()?;
        let listener = {
            let _on_it = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)?
        };
        let connections = Connections::new(CONNECTIONS_MAX, IDLE_TIMEOUT);
        let console = self.console.with_answer_times(answer_times).with_metrics(metrics);
        let serving = Serving {
            observer: Arc::new(NotCounted),
            router: portal_console::router(console).layer(from_fn(beside_others)),
            connections: Arc::clone(&connections),
            limits: BodyLimits::new(thread.stop.clone()),
            requests: TaskTracker::new(),
        };
        let (stop, running) = (thread.stop.clone(), thread.running.token());
        let serve = async move {
            tokio::spawn(async move { connections.sweep(false).await });
            listener::serve(listener, serving, stop).await;
            drop(running);
        };
        std::thread::Builder::new().name("operators".into()).spawn(move || {
            runtime.block_on(serve);
        })?;
        let (outcome, address) = (LogOutcome::ConsoleListening.name(), self.address);
        tracing::info!(outcome, %address, "the console listens");
        Ok(thread)
    }
}

impl OperatorThread {
    /// Accepts no more connections, and returns when every running request has been answered.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.running.close();
        self.running.wait().await;
    }
}

/// Counts nothing: an operator is told of a wrong request, and it is no trouble with deliveries.
struct NotCounted;

impl Observe for NotCounted {
    fn accepted(&self, _: MatchedSecrets) {}
    fn refused(&self, _: Refusal) {}
    fn unavailable(&self, _: &Unavailable) {}
    fn answered(&self, _: &Answered<'_>) {}
    fn rejected(&self, _: RequestRejection) {}
    fn logs_rejection(&self, _: &'static str) -> bool {
        false
    }
}
