//! The errors of starting and controlling a server.

use std::{fmt, io};

/// An error, with advice if there is any.
///
/// `Debug` reads like `Display`, because tests meet it through `unwrap`.
pub enum Failure {
    /// No usable server is installed; the text says what to install.
    NoServer(String),
    /// An operation on a file, a folder, a pipe or a process failed.
    Io {
        /// The operation, as in "could not …".
        doing: String,
        /// The system's error.
        error: io::Error,
    },
    /// A program exited with an error.
    Program {
        /// The program's name.
        program: String,
        /// The end of its output.
        said: String,
    },
    /// An operation timed out.
    Late {
        /// The operation.
        what: String,
        /// The end of the server's log.
        log: String,
    },
    /// The server does not run, because it was stopped or killed; call `start_again` first.
    NotRunning,
    /// The cluster has no certificates; use `Cluster::start_with_tls`.
    NoTls,
}

/// Turns a system error into a [`Failure`] that names the operation.
pub(crate) fn could_not(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::Io { doing: doing.into(), error }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer(advice) => write!(f, "there is no PostgreSQL server here: {advice}"),
            Self::Io { doing, error } => write!(f, "could not {doing}: {error}"),
            Self::Program { program, said } => write!(f, "{program} failed and said:\n{said}"),
            Self::Late { what, log } => {
                write!(f, "waited too long for {what}; the log ends with:\n{log}")
            }
            Self::NotRunning => f.write_str("the server is not running: call start_again first"),
            Self::NoTls => f.write_str("no certificates: start with Cluster::start_with_tls"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::NoServer(_)
            | Self::Program { .. }
            | Self::Late { .. }
            | Self::NotRunning
            | Self::NoTls => None,
        }
    }
}
