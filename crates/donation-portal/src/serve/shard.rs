//! Shards: one thread for each processor, each with a runtime and a share of the connections.
//!
//! A connection stays on its thread. That costs less than one runtime over all threads, which moves
//! tasks between threads and wakes them for it.

use std::io;
use std::net::TcpListener;

use portal_http::App;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::serve::listener;
use crate::serve::runtime::runtime;

/// The threads that serve connections.
pub(crate) struct Shards {
    stop: CancellationToken,
    threads: TaskTracker,
}

impl Shards {
    /// Starts `count` shards, which all accept from `listener`.
    pub(crate) fn start(
        listener: &TcpListener,
        count: usize,
        app: impl Fn() -> App,
    ) -> io::Result<Self> {
        let permits = listener::connection_permits();
        let shards = Self { stop: CancellationToken::new(), threads: TaskTracker::new() };
        for _ in 0..count {
            let runtime = runtime()?;
            let listener = {
                let _on_it = runtime.enter();
                tokio::net::TcpListener::from_std(listener.try_clone()?)?
            };
            let (permits, router) = (permits.clone(), portal_http::router(app()));
            let (stop, running) = (shards.stop.clone(), shards.threads.token());
            let serve = async move {
                listener::serve(listener, permits, router, stop.cancelled()).await;
                drop(running);
            };
            std::thread::Builder::new()
                .name("shard".into())
                .spawn(move || runtime.block_on(serve))?;
        }
        Ok(shards)
    }

    /// Accepts no more connections, and returns when every running request has been answered.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.threads.close();
        self.threads.wait().await;
    }
}
