//! Ports of this machine on which nobody answers.

use std::io::ErrorKind;
use std::net::TcpListener;

/// A port whose visitors are noticed, and never answered.
pub(crate) struct Silent(TcpListener);

impl Silent {
    pub(crate) fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.0.local_addr().unwrap())
    }

    /// Asserts that nobody has connected.
    pub(crate) fn is_unvisited(&self) {
        self.0.set_nonblocking(true).unwrap();
        assert_eq!(self.0.accept().map(|_| ()).map_err(|it| it.kind()), Err(ErrorKind::WouldBlock));
    }
}

/// Returns the URL of a port that is closed.
pub(crate) fn closed() -> String {
    Silent::open().url()
}
