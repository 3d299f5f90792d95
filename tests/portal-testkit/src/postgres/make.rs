//! Makes a cluster: folder, guard, `initdb`, certificates, port, server.

use std::path::Path;
use std::sync::Mutex;
use std::{env, fs};

use crate::postgres::binaries::Binaries;
use crate::postgres::cluster::{Cluster, Durability, PASSWORD, Server, USER};
use crate::postgres::failure::{Failure, could_not};
use crate::postgres::guard::Guard;
use crate::postgres::serve::{Started, end_of_log, free_port, serve};
use crate::postgres::tls::{self, Tls};
use crate::postgres::user::User;

/// The maximum number of ports tried: another process may take a port between the check and the start
/// of the server.
const PORTS_TRIED_MAX: u32 = 10;

impl Cluster {
    /// Starts a server with the default settings; installs PostgreSQL if it is missing and the user is
    /// root.
    ///
    /// # Errors
    /// See [`Failure`]; it says what to do.
    pub fn start() -> Result<Self, Failure> {
        Self::start_with(&[])
    }

    /// Like [`Cluster::start`], with settings as in `postgresql.conf`.
    ///
    /// # Errors
    /// See [`Failure`]; it says what to do.
    pub fn start_with(settings: &[(&str, &str)]) -> Result<Self, Failure> {
        Self::start_in(&env::temp_dir(), Durability::Fast, settings)
    }

    /// Like [`Cluster::start_with`], in a new folder inside the given one, to choose the disk.
    ///
    /// # Errors
    /// See [`Failure`]; it says what to do.
    pub fn start_in(
        parent: &Path,
        durability: Durability,
        settings: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        cluster(&Wanted { parent, durability, settings, tls: Tls::Off })
    }

    /// Like [`Cluster::start_with`], with a certificate for `localhost` and 127.0.0.1 and with
    /// `ssl=on`. Connections without TLS stay possible.
    ///
    /// # Errors
    /// See [`Failure`]; without the `openssl` program there are no certificates.
    pub fn start_with_tls(settings: &[(&str, &str)]) -> Result<Self, Failure> {
        let parent = &env::temp_dir();
        cluster(&Wanted { parent, durability: Durability::Fast, settings, tls: Tls::On })
    }
}

/// The properties of a cluster.
struct Wanted<'a> {
    parent: &'a Path,
    durability: Durability,
    settings: &'a [(&'a str, &'a str)],
    tls: Tls,
}

/// Makes and starts a cluster. After an error nothing is left behind.
fn cluster(wanted: &Wanted<'_>) -> Result<Cluster, Failure> {
    let binaries = Binaries::find_or_install()?;
    let user = User::of_the_server()?;
    let parent = wanted.parent;
    let folder = fs::canonicalize(parent)
        .and_then(|parent| tempfile::Builder::new().prefix("portal-postgres-").tempdir_in(parent))
        .map_err(could_not(format!("make a folder in {}", parent.display())))?;
    user.owns(folder.path())?;
    let path = folder.path().to_path_buf();
    let mut guard = Guard::start(folder, &user)?;
    initdb(&mut guard, &binaries, &path, &user)?;
    if wanted.tls == Tls::On {
        tls::make(&path, &user)?;
    }
    let command = command(&binaries, wanted);
    let server = Mutex::new(Server { guard, process: None });
    let mut made = Cluster { binaries, folder: path, port: 0, command, tls: wanted.tls, server };
    for _ in 0..PORTS_TRIED_MAX {
        made.port = free_port()?;
        let mut server = made.server();
        match serve(&made, &mut server)? {
            Started::Ready => {
                drop(server);
                return Ok(made);
            }
            Started::PortTaken => {}
        }
    }
    Err(Failure::Late { what: "a free port".into(), log: made.log() })
}

fn initdb(
    guard: &mut Guard,
    binaries: &Binaries,
    folder: &Path,
    user: &User,
) -> Result<(), Failure> {
    let password = folder.join("password");
    fs::write(&password, PASSWORD).map_err(could_not("write the password file"))?;
    user.owns(&password)?;
    let mut words = vec![binaries.program("initdb").display().to_string()];
    words
        .extend(["-D", "data", "-U", USER, "--pwfile=password", "--encoding=UTF8"].map(Into::into));
    // An empty cluster may be lost, and waiting for the disk would take seconds.
    words.extend(["--auth-host=scram-sha-256", "--auth-local=trust", "--no-sync"].map(Into::into));
    // The collation differs from the order of bytes, so that code which relies on the latter fails.
    // If the server lacks ICU or the system lacks the locale, the default is used.
    let icu = ["--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"].map(Into::into);
    if guard.run(&[&words[..], &icu].concat())?
        || guard.run(&[words, vec!["--no-locale".into()]].concat())?
    {
        return Ok(());
    }
    Err(Failure::Program { program: "initdb".into(), said: end_of_log(folder) })
}

fn command(binaries: &Binaries, wanted: &Wanted<'_>) -> Vec<String> {
    let mut settings = vec![
        ("listen_addresses", "127.0.0.1"),
        // The path is relative to `data`, because an absolute one could be too long for a socket.
        ("unix_socket_directories", ".."),
        ("max_connections", "200"),
        ("shared_buffers", "64MB"),
        // Shared memory is in the folder, because a killed server leaves files in /dev/shm behind.
        ("dynamic_shared_memory_type", "mmap"),
        ("logging_collector", "off"),
        // The database and the client stand before each line, for `Database::statements`.
        ("log_line_prefix", "%d %a "),
        ("fsync", if wanted.durability == Durability::Real { "on" } else { "off" }),
    ];
    if wanted.tls == Tls::On {
        settings.extend(tls::SETTINGS);
    }
    settings.extend(wanted.settings);
    let mut words = vec![binaries.program("postgres").display().to_string()];
    words.extend(["-D", "data"].map(Into::into));
    for (name, value) in settings {
        words.extend(["-c".into(), format!("{name}={value}")]);
    }
    words
}
