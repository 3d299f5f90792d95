//! A temporary PostgreSQL server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::postgres::binaries::Binaries;
use crate::postgres::failure::Failure;
use crate::postgres::guard::Guard;
use crate::postgres::proxy::Proxy;
use crate::postgres::tls::{self, Tls};

/// The superuser of every cluster.
pub const USER: &str = "portal";

/// The password of [`USER`].
pub const PASSWORD: &str = "portal-test";

/// The durability of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// No `fsync`: commits survive a crash of the server, but not of the machine. For tests.
    Fast,
    /// Commits wait for the disk, as in production. For measurements.
    Real,
}

/// A PostgreSQL server in a temporary folder, on a port of its own.
///
/// Server and folder are removed when it is dropped or when the process that started it ends in any
/// way, also by SIGKILL; so it may be kept in a static.
pub struct Cluster {
    pub(crate) binaries: Binaries,
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// The command that runs the server.
    pub(crate) command: Vec<String>,
    pub(crate) tls: Tls,
    pub(crate) server: Mutex<Server>,
}

/// The state that faults change.
pub(crate) struct Server {
    pub(crate) guard: Guard,
    /// The id of the postmaster, from its start until the guard has waited for its end.
    pub(crate) process: Option<u32>,
}

impl Cluster {
    /// The port on 127.0.0.1; it stays the same through every fault.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The address of the server, for a [`Proxy`].
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The folder of this server, with `data`, `log` and the Unix socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The programs of this server.
    #[must_use]
    pub const fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Returns the URL of a database, for the superuser and without TLS.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        url(self.address(), database)
    }

    /// Like [`Cluster::url`], through the proxy.
    #[must_use]
    pub fn url_through(&self, proxy: &Proxy, database: &str) -> String {
        url(proxy.address(), database)
    }

    /// The certificate of the authority that signed the server's certificate, for `sslrootcert`.
    ///
    /// # Errors
    /// [`Failure::NoTls`] unless the cluster was made with [`Cluster::start_with_tls`].
    pub fn ca_file(&self) -> Result<PathBuf, Failure> {
        self.certificate(tls::CA)
    }

    /// The certificate of an authority that did not sign the server's certificate.
    ///
    /// # Errors
    /// [`Failure::NoTls`] unless the cluster was made with [`Cluster::start_with_tls`].
    pub fn other_ca_file(&self) -> Result<PathBuf, Failure> {
        self.certificate(tls::OTHER_CA)
    }

    fn certificate(&self, name: &str) -> Result<PathBuf, Failure> {
        match self.tls {
            Tls::On => Ok(tls::folder(&self.folder).join(name)),
            Tls::Off => Err(Failure::NoTls),
        }
    }

    /// Locks the server. A test that panicked during a fault must not fail all others.
    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn url(address: SocketAddr, database: &str) -> String {
    format!("postgres://{USER}:{PASSWORD}@{address}/{database}?sslmode=disable")
}
