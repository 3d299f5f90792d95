//! Signals: SIGTERM and SIGINT end the service; SIGHUP, which log rotation and terminals send, does
//! not.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask the service to end.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// Never awaited: without a handler it would end the process at once.
    _hang_up: Signal,
    /// Never awaited. Handling the signal makes a write beyond a file-size limit an error; without
    /// it the process would be killed.
    _file_too_large: Signal,
}

/// SIGXFSZ on Linux; tokio has no name for it.
const FILE_TOO_LARGE: i32 = 25;

impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            _hang_up: signal(SignalKind::hangup())?,
            _file_too_large: signal(SignalKind::from_raw(FILE_TOO_LARGE))?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
