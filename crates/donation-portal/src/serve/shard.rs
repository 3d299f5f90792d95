//! Shards: one thread for each processor, each with a runtime and a share of the connections.
//!
//! A connection stays on its thread. That costs less than one runtime over all threads, which moves
//! tasks between threads and wakes them for it.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use portal_http::App;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::serve::body::BodyLimits;
use crate::serve::connections::{CONNECTIONS_MAX, Connections};
use crate::serve::listener::{self, Serving};
use crate::serve::runtime::runtime;

/// The threads that serve connections.
pub(crate) struct Shards {
    stop: CancellationToken,
    threads: TaskTracker,
    connections: Arc<Connections>,
}

impl Shards {
    /// Starts `count` shards, which all accept from `listener`.
    pub(crate) fn start(
        listener: &TcpListener,
        count: usize,
        idle_timeout: Duration,
        app: impl Fn() -> App,
    ) -> io::Result<Self> {
        let connections = Connections::new(CONNECTIONS_MAX, idle_timeout);
        let shards = Self {
            stop: CancellationToken::new(),
            threads: TaskTracker::new(),
            connections: Arc::clone(&connections),
        };
        let limits = BodyLimits::new(shards.stop.clone());
        for number in 0..count {
            let runtime = runtime()?;
            let listener = {
                let _on_it = runtime.enter();
                tokio::net::TcpListener::from_std(listener.try_clone()?)?
            };
            let app = app();
            let serving = Serving {
                observer: Arc::clone(&app.observer),
                router: portal_http::router(app),
                connections: Arc::clone(&connections),
                limits: limits.clone(),
                requests: TaskTracker::new(),
            };
            let (stop, running) = (shards.stop.clone(), shards.threads.token());
            // One of them looks at the connections of all.
            let sweeper = (number == 0).then(|| Arc::clone(&connections));
            let serve = async move {
                if let Some(connections) = sweeper {
                    tokio::spawn(async move { connections.sweep(false).await });
                }
                listener::serve(listener, serving, stop).await;
                drop(running);
            };
            std::thread::Builder::new()
                .name("shard".into())
                .spawn(move || runtime.block_on(serve))?;
        }
        Ok(shards)
    }

    /// Returns the connections of all.
    pub(crate) fn connections(&self) -> Arc<Connections> {
        Arc::clone(&self.connections)
    }

    /// Accepts no more connections, and returns when every running request has been answered.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.threads.close();
        self.threads.wait().await;
    }
}
