//! Why there is no server, or why it did not do what was asked.

use std::{fmt, io};

/// What went wrong, and where there is something to do about it, what.
///
/// `Debug` reads like `Display`, because tests meet it through `unwrap`.
pub enum Failure {
    /// No server that can be used is installed; the text says what to install.
    NoServer(String),
    /// A file, a folder, a pipe or a process could not be had.
    Io {
        /// What was tried, to be read after "could not".
        doing: String,
        /// What the system said.
        error: io::Error,
    },
    /// A program ended badly.
    Program {
        /// Which one.
        program: String,
        /// The end of what it said.
        said: String,
    },
    /// Something that takes a moment took much longer.
    Late {
        /// What was waited for.
        what: String,
        /// The end of the server's log.
        log: String,
    },
    /// The server was stopped or killed before; `start_again` comes first.
    NotRunning,
    /// The cluster was made without certificates; `Cluster::start_with_tls` makes them.
    NoTls,
}

/// Turns what the system said into a [`Failure`] that says what was tried.
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
