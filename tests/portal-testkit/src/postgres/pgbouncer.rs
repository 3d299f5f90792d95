//! `PgBouncer`, the most common pooler in front of PostgreSQL.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;

use crate::postgres::cluster::{Cluster, PASSWORD, USER, url};
use crate::postgres::failure::{Failure, could_not};
use crate::postgres::guard::Guard;
use crate::postgres::processes;
use crate::postgres::serve::free_port;
use crate::postgres::user::{self, User};

/// The oldest version that stores are tested with, major and minor.
const VERSION_MIN: (u32, u32) = (1, 21);

/// The folder in which the package of Debian's next release is unpacked.
const UNPACKED: &str = "/usr/local/lib/portal-test-pgbouncer";

/// The parent of [`UNPACKED`].
const LIBRARIES: &str = "/usr/local/lib";

/// The time at which a session may go to another client: the setting `pool_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// After each transaction.
    Transaction,
    /// After each statement; transactions are refused.
    Statement,
}

/// A `PgBouncer` on a loopback port, in front of one database.
///
/// It resets nothing between two clients of a session. It is removed with its folder when it is
/// dropped or when this process ends in any way.
pub struct PgBouncer {
    address: SocketAddr,
    database: String,
    _guard: Guard,
}

impl PgBouncer {
    /// Starts it with `sessions` sessions of the superuser; installs it if it is missing and the user
    /// is root.
    ///
    /// # Errors
    /// See [`Failure`]; it says what to do.
    pub fn start(
        cluster: &Cluster,
        database: &str,
        sessions: usize,
        mode: PoolMode,
    ) -> Result<Self, Failure> {
        let mut command = find_or_install()?;
        let user = User::of_the_server()?;
        let folder = tempfile::Builder::new().prefix("portal-test-pgbouncer-").tempdir();
        let folder = folder.map_err(could_not("make a folder for PgBouncer"))?;
        user.owns(folder.path())?;
        let port = free_port()?;
        let settings = settings(cluster, database, sessions, mode, port);
        fs::write(folder.path().join("ini"), settings)
            .map_err(could_not("write PgBouncer's ini"))?;
        let log = folder.path().join("log");
        let mut guard = Guard::start(folder, &user)?;
        command.push("ini".into());
        guard.serve(&command)?;
        let address = (Ipv4Addr::LOCALHOST, port).into();
        processes::wait_for(|| TcpStream::connect(address).ok()).ok_or_else(|| Failure::Late {
            what: "PgBouncer's start".into(),
            log: fs::read_to_string(log).unwrap_or_default(),
        })?;
        Ok(Self { address, database: database.into(), _guard: guard })
    }

    /// Returns the URL of the database through `PgBouncer`, for the superuser and without TLS.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address, &self.database)
    }
}

fn settings(
    cluster: &Cluster,
    database: &str,
    sessions: usize,
    mode: PoolMode,
    port: u16,
) -> String {
    let (socket, server_port) = (cluster.folder().display(), cluster.port());
    let mode = match mode {
        PoolMode::Transaction => "transaction",
        PoolMode::Statement => "statement",
    };
    // After a session was killed the next one is opened at once.
    format!(
        "[databases]\n\
         {database} = host={socket} port={server_port} user={USER} password={PASSWORD} \
             pool_size={sessions}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = {mode}\nserver_round_robin = 1\nserver_login_retry = 0\n"
    )
}

/// Returns the command that runs `PgBouncer`.
fn find_or_install() -> Result<Vec<String>, Failure> {
    let found = || in_path().or_else(unpacked);
    if let Some(found) = found() {
        return Ok(found);
    }
    if user::we_are_root()? && Path::new("/usr/bin/apt-get").exists() {
        // The lock lets only the first of several processes unpack it.
        let lock = File::open(LIBRARIES).map_err(could_not(format!("open {LIBRARIES}")))?;
        lock.lock().map_err(could_not(format!("lock {LIBRARIES}")))?;
        if found().is_none() {
            unpack()?;
        }
    }
    let (major, minor) = VERSION_MIN;
    let advice = format!("install PgBouncer {major}.{minor} or later");
    found().ok_or(Failure::NoServer(advice))
}

fn in_path() -> Option<Vec<String>> {
    let output = Command::new("pgbouncer").arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (version(&said)? >= VERSION_MIN).then(|| vec!["pgbouncer".into()])
}

/// Parses the version in a text such as `PgBouncer 1.24.1`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.lines().next()?.strip_prefix("PgBouncer ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Returns the command of the unpacked package. It uses the package's own loader, because its C
/// library is newer than the system's.
fn unpacked() -> Option<Vec<String>> {
    let program = format!("{UNPACKED}/usr/sbin/pgbouncer");
    let folders = fs::read_dir(format!("{UNPACKED}/usr/lib")).ok()?;
    let libraries =
        folders.flatten().map(|it| it.path()).find(|it| it.join("libc.so.6").exists())?;
    let named = |it: &fs::DirEntry| it.file_name().to_string_lossy().starts_with("ld-linux");
    let loader = fs::read_dir(&libraries).ok()?.flatten().find(named)?.path();
    let text = |path: &Path| path.display().to_string();
    Some(vec![text(&loader), "--library-path".into(), text(&libraries), program])
}

fn unpack() -> Result<(), Failure> {
    let script = ["-c", include_str!("pgbouncer.sh"), "pgbouncer.sh", UNPACKED];
    let output = Command::new("/bin/sh").args(script).output();
    let output = output.map_err(could_not("unpack PgBouncer"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::Program { program: "pgbouncer.sh".into(), said })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_read_from_what_it_says() {
        assert_eq!(version("PgBouncer 1.24.1\nlibevent 2.1.12-stable\n"), Some((1, 24)));
        assert_eq!(version("bouncer 1.24.1"), None);
    }
}
