//! Starts the server of a cluster, the first time and after a fault.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::Path;

use crate::postgres::cluster::{Cluster, Server};
use crate::postgres::failure::{Failure, could_not};
use crate::postgres::processes::{self, State};

/// The range of ports: below those that Linux (32768) and macOS (49152) give to outgoing connections,
/// so that no process takes the port while a server is down for a moment.
const PORTS: Range<u16> = 20_000..32_000;

/// The number of log lines in an error, enough to see why a server ended.
const LOG_LINES: usize = 40;

/// The result of a start.
pub(crate) enum Started {
    Ready,
    PortTaken,
}

/// Starts the server on the cluster's port and waits until it accepts connections.
pub(crate) fn serve(cluster: &Cluster, server: &mut Server) -> Result<Started, Failure> {
    let mut command = cluster.command.clone();
    command.extend(["-c".into(), format!("port={}", cluster.port)]);
    let log_before = log(&cluster.folder).len();
    let process = server.guard.serve(&command)?;
    server.process = Some(process);
    let seen = processes::wait_for(|| match processes::state(process) {
        State::Gone => Some(false),
        State::Alive | State::Stopped => accepts(&cluster.folder, process).then_some(true),
    });
    match seen {
        Some(true) => return Ok(Started::Ready),
        Some(false) => {}
        None => {
            return Err(Failure::Late { what: "the server's start".into(), log: cluster.log() });
        }
    }
    server.process = None;
    server.guard.wait()?;
    if log(&cluster.folder).get(log_before..).is_some_and(|new| new.contains("already in use")) {
        return Ok(Started::PortTaken);
    }
    Err(Failure::Program { program: "postgres".into(), said: cluster.log() })
}

impl Cluster {
    /// The last lines of the server's log.
    #[must_use]
    pub fn log(&self) -> String {
        end_of_log(&self.folder)
    }
}

/// Returns the last lines of the log in a cluster's folder.
pub(crate) fn end_of_log(folder: &Path) -> String {
    let log = log(folder);
    let lines: Vec<_> = log.lines().collect();
    lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default().join("\n")
}

/// Returns a port that is free at the moment.
pub(crate) fn free_port() -> Result<u16, Failure> {
    let count = u64::from(PORTS.end - PORTS.start);
    let mut tried = (0..100).map(|_| {
        let chance = RandomState::new().build_hasher().finish() % count;
        PORTS.start.saturating_add(u16::try_from(chance).unwrap_or_default())
    });
    tried
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| could_not("find a free port")(std::io::ErrorKind::AddrInUse.into()))
}

/// Returns the whole log in a cluster's folder.
pub(crate) fn log(folder: &Path) -> String {
    fs::read(folder.join("log"))
        .map_or_else(|_| String::new(), |log| String::from_utf8_lossy(&log).into_owned())
}

/// Returns true if the server is ready, which it writes into the eighth line of its lock file.
fn accepts(folder: &Path, process: u32) -> bool {
    let file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let mut lines = file.lines().map(str::trim);
    lines.next() == Some(&process.to_string()) && lines.nth(6) == Some("ready")
}
