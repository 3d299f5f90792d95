//! A TCP proxy with faults on request.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

mod connection;
mod switch;

use switch::{Mode, Switch};

/// A proxy on a loopback port. Its mode can be changed at any time, for open and new connections; it
/// begins with [`Proxy::pass`].
///
/// Dropping it closes all connections and ends its threads.
pub struct Proxy {
    address: SocketAddr,
    switch: Arc<Switch>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Listens on a free port and passes everything on to `upstream`.
    ///
    /// # Errors
    /// If there is no port or no thread.
    pub fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let switch = Arc::new(Switch::default());
        let theirs = Arc::clone(&switch);
        let thread = thread::Builder::new()
            .name("proxy".into())
            .spawn(move || listen(&listener, upstream, &theirs))?;
        Ok(Self { address, switch, thread: Some(thread) })
    }

    /// The address for clients.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Forwards every byte, also those that [`Proxy::hang`] held back.
    pub fn pass(&self) {
        self.switch.set(Mode::Pass);
    }

    /// Closes every connection now, and each new one at once.
    pub fn cut(&self) {
        self.switch.set(Mode::Cut);
    }

    /// Keeps connections open and accepts new ones, but forwards nothing.
    pub fn hang(&self) {
        self.switch.set(Mode::Hang);
    }

    /// Delays each piece of up to 16 KiB by `delay`, in both directions.
    pub fn slow(&self, delay: Duration) {
        self.switch.set(Mode::Slow(delay));
    }

    /// Forwards every byte to the server, but closes a connection on which the server answers before
    /// the client has received anything. So a commit happens without the client's knowledge.
    pub fn lose_answers(&self) {
        self.switch.set(Mode::LoseAnswers);
    }

    /// The number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.switch.connections()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.switch.set(Mode::Over);
        // The listener checks for the end only when a client connects.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // A panic of the thread has been printed already.
            drop(thread.join());
        }
    }
}

/// Accepts clients until the mode is [`Mode::Over`] and every thread has ended.
fn listen(listener: &TcpListener, upstream: SocketAddr, switch: &Switch) {
    thread::scope(|scope| {
        for client in listener.incoming() {
            match switch.mode() {
                Mode::Over => return,
                Mode::Pass | Mode::Hang | Mode::Slow(_) | Mode::LoseAnswers | Mode::Cut => {}
            }
            let Some(connection) = client.ok().and_then(|client| switch.admit(client)) else {
                continue;
            };
            scope.spawn(move || {
                connection::serve(&connection, upstream, switch);
                switch.forget(&connection);
            });
        }
    });
}

/// Closes a stream in both directions.
pub(crate) fn close(stream: &TcpStream) {
    // An error means that it is closed already.
    drop(stream.shutdown(Shutdown::Both));
}
