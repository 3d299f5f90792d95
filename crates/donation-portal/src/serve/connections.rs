//! All connections of all shards: so many at once, and none that waits for its sender for too long.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::serve::connection::Connection;

/// The maximum number of public connections at once; the kernel queues further ones.
pub(crate) const CONNECTIONS_MAX: usize = 1024;

/// The interval at which connections are looked at for what waits too long.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// The size of a piece of memory that the allocator makes by itself, not within others.
const LARGE_PIECE: usize = 1024 * 1024;

/// If all places are taken, a connection that has waited for its sender for this long is closed in
/// favour of a new one: the longest wait first.
const SPARED_FOR: Duration = Duration::from_secs(1);

/// The time that senders have to finish what they send or read after a signal.
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(3);

/// The connections that are open.
pub(crate) struct Connections {
    places: usize,
    idle_timeout: Duration,
    open: Mutex<Open>,
    closed: Notify,
}

#[derive(Default)]
struct Open {
    last: u64,
    all: HashMap<u64, Arc<Connection>>,
}

/// A place among the connections, until it is dropped.
pub(crate) struct Place {
    number: u64,
    connection: Arc<Connection>,
    connections: Arc<Connections>,
}

impl Connections {
    /// Lets so many connections be open at once, and each be idle for `idle_timeout`.
    pub(crate) fn new(places: usize, idle_timeout: Duration) -> Arc<Self> {
        Arc::new(Self { places, idle_timeout, open: Mutex::default(), closed: Notify::new() })
    }

    /// Waits for a place. Where there is none, the connection whose sender has let it wait the longest
    /// makes room.
    pub(crate) async fn place(self: &Arc<Self>) -> Place {
        loop {
            let closed = self.closed.notified();
            if let Some(place) = self.take() {
                return place;
            }
            self.close_longest_wait();
            // A connection that is younger may be old enough a little later.
            tokio::time::timeout(SPARED_FOR, closed).await.ok();
        }
    }

    /// Closes what waits too long, as long as it is polled; with `stopping` whatever waits for longer
    /// than [`STOP_GRACE`].
    pub(crate) async fn sweep(&self, stopping: bool) {
        loop {
            tokio::time::sleep(SWEEP_EVERY).await;
            return_free_memory();
            for connection in self.lock().all.values() {
                let Some((waited, limit)) = connection.waits(self.idle_timeout) else { continue };
                let limit = if stopping { limit.min(STOP_GRACE) } else { limit };
                if waited >= limit {
                    connection.close.notify_one();
                }
            }
        }
    }

    /// Returns the number of open ones.
    pub(crate) fn open(&self) -> usize {
        self.lock().all.len()
    }

    fn take(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.lock();
        if open.all.len() >= self.places {
            return None;
        }
        open.last += 1;
        let (number, connection) = (open.last, Arc::new(Connection::new()));
        open.all.insert(number, Arc::clone(&connection));
        Some(Place { number, connection, connections: Arc::clone(self) })
    }

    fn close_longest_wait(&self) {
        let open = self.lock();
        let waits = open.all.values().filter_map(|it| Some((it.waits(self.idle_timeout)?.0, it)));
        if let Some((waited, connection)) = waits.max_by_key(|(waited, _)| *waited)
            && waited >= SPARED_FOR
        {
            connection.close.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().all.remove(&self.number);
        self.connections.closed.notify_one();
    }
}

/// Lets the allocator give back to the system what is free for a second: mimalloc looks for that only
/// where a large piece is taken or freed, and after a burst of large bodies nobody does either.
fn return_free_memory() {
    drop(black_box(Vec::<u8>::with_capacity(LARGE_PIECE)));
}
