//! Shards: a thread for each processor, with a runtime and a share of the connections each.
//!
//! A connection stays on its thread. That costs less than one runtime over all threads, which
//! moves tasks between them and wakes them for it.

use std::io;
use std::net::TcpListener;

use portal_http::App;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};

use crate::serve::group_commit::{Relay, ShardInbox};
use crate::serve::listener;

/// The threads that serve.
pub(crate) struct Shards {
    stop: watch::Sender<bool>,
    ended: Vec<oneshot::Receiver<()>>,
}

/// A runtime on the calling thread.
pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

impl Shards {
    /// Starts one shard for each of `shard_handles`; all accept from `listener`.
    pub(crate) fn start(
        listener: &TcpListener,
        shard_handles: Vec<(ShardInbox, Relay)>,
        app: impl Fn(ShardInbox) -> App,
    ) -> io::Result<Self> {
        let places = listener::places();
        let (stop, _) = watch::channel(false);
        let mut ended = Vec::new();
        for (inbox, relay) in shard_handles {
            let runtime = runtime()?;
            let listener = {
                let _on_it = runtime.enter();
                tokio::net::TcpListener::from_std(listener.try_clone()?)?
            };
            let (places, router) = (places.clone(), portal_http::router(app(inbox)));
            let mut stopped = stop.subscribe();
            let (end, has_ended) = oneshot::channel();
            ended.push(has_ended);
            let serve = async move {
                tokio::spawn(relay.run());
                listener::serve(listener, places, router, async {
                    // Stops as well where nobody is left to say so.
                    stopped.wait_for(|stop| *stop).await.ok();
                })
                .await;
                drop(end);
            };
            std::thread::Builder::new()
                .name("shard".into())
                .spawn(move || runtime.block_on(serve))?;
        }
        Ok(Self { stop, ended })
    }

    /// Accepts no more, and returns when every request that had begun is answered.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        for ended in self.ended {
            // An end that is not announced is an end as well.
            ended.await.ok();
        }
    }
}
