//! The mode of a proxy and its connections.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::close;

/// The treatment of bytes and connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    #[default]
    Pass,
    Cut,
    Hang,
    Slow(Duration),
    LoseAnswers,
    /// The proxy is being dropped.
    Over,
}

/// The direction of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScanStep {
    ToServer,
    ToClient,
}

/// A client, and the server once it is connected.
pub(crate) struct Connection {
    pub(crate) client: TcpStream,
    pub(crate) server: OnceLock<TcpStream>,
    /// True once the connection was closed: a piece that was held back must not be forwarded then.
    closed: AtomicBool,
}

impl Connection {
    /// Closes both sides.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        close(&self.client);
        if let Some(server) = self.server.get() {
            close(server);
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

/// The mode and the connections under one lock, so that a change of the mode misses no connection.
#[derive(Default)]
pub(crate) struct Switch {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Default)]
struct Now {
    mode: Mode,
    open: Vec<Arc<Connection>>,
}

impl Switch {
    pub(crate) fn mode(&self) -> Mode {
        self.now().mode
    }

    pub(crate) fn connections(&self) -> usize {
        self.now().open.len()
    }

    pub(crate) fn set(&self, mode: Mode) {
        let mut now = self.now();
        now.mode = mode;
        if matches!(mode, Mode::Cut | Mode::Over) {
            now.open.iter().for_each(|connection| connection.close());
        }
        self.changed.notify_all();
    }

    /// Registers a new client, or drops it, as the mode demands.
    pub(crate) fn admit(&self, client: TcpStream) -> Option<Arc<Connection>> {
        let mut now = self.now();
        if matches!(now.mode, Mode::Cut | Mode::Over) {
            return None;
        }
        let closed = AtomicBool::new(false);
        let connection = Arc::new(Connection { client, server: OnceLock::new(), closed });
        now.open.push(Arc::clone(&connection));
        Some(connection)
    }

    /// Adds the server's side of a connection, unless it was closed meanwhile.
    pub(crate) fn join(&self, connection: &Connection, server: TcpStream) -> bool {
        let _now = self.now();
        connection.server.set(server).is_ok() && !connection.is_closed()
    }

    pub(crate) fn forget(&self, connection: &Arc<Connection>) {
        connection.close();
        self.now().open.retain(|open| !Arc::ptr_eq(open, connection));
    }

    /// Waits until the next piece may be forwarded; returns false if the connection must end instead.
    pub(crate) fn may_go(&self, connection: &Connection, way: ScanStep) -> bool {
        let mut now = self.now();
        loop {
            if connection.is_closed() {
                return false;
            }
            now = match (now.mode, way) {
                (Mode::Pass, _) | (Mode::LoseAnswers, ScanStep::ToServer) => return true,
                (Mode::LoseAnswers, ScanStep::ToClient) | (Mode::Cut | Mode::Over, _) => {
                    return false;
                }
                (Mode::Hang, _) => self.changed.wait(now).unwrap_or_else(PoisonError::into_inner),
                (Mode::Slow(delay), _) => {
                    let before = now.mode;
                    let waited = self.changed.wait_timeout_while(now, delay, |now| {
                        now.mode == before && !connection.is_closed()
                    });
                    let (now, result) = waited.unwrap_or_else(PoisonError::into_inner);
                    if result.timed_out() {
                        return !connection.is_closed();
                    }
                    now
                }
            };
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
