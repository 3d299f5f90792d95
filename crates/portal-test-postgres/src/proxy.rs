//! A TCP proxy that misbehaves when told to.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

mod connection;
mod switch;

use switch::{Mode, Switch};

/// A proxy on a loopback port. Its mode can be changed at any time, for the connections that are
/// open and for those to come; it begins with [`Proxy::pass`].
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
    /// When there is no port or no thread.
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

    /// Where clients connect.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every byte goes on, also those that [`Proxy::hang`] held back.
    pub fn pass(&self) {
        self.switch.set(Mode::Pass);
    }

    /// Closes every connection now, and each new one as soon as it is there.
    pub fn cut(&self) {
        self.switch.set(Mode::Cut);
    }

    /// Everything stays open, new connections are accepted, and no byte moves.
    pub fn hang(&self) {
        self.switch.set(Mode::Hang);
    }

    /// Each piece of up to 16 KiB waits that long before it goes on, in both directions.
    pub fn slow(&self, delay: Duration) {
        self.switch.set(Mode::Slow(delay));
    }

    /// The server gets every byte; a connection on which it answers is closed before the client
    /// has heard anything. So the commit happened, and the client cannot know.
    pub fn lose_answers(&self) {
        self.switch.set(Mode::LoseAnswers);
    }

    /// How many connections are open at the moment.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.switch.connections()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.switch.set(Mode::Over);
        // The listener only looks up when somebody comes.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // A panic of a thread was printed; there is nothing to add.
            drop(thread.join());
        }
    }
}

/// Ends when the mode is [`Mode::Over`], and not before every thread it has started has ended.
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

/// Both ends of one connection, so that whoever changes the mode can close them.
pub(crate) fn close(stream: &TcpStream) {
    // It may be closed already, which is what is wanted.
    drop(stream.shutdown(Shutdown::Both));
}
