//! A folder to run the program in.

use std::any::Any;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use portal_domain::Store;
use portal_postgres::{DatabaseAddress, PostgresStore};
use portal_sqlite::SqliteStore;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;

use super::event::SECRET;
use super::output::Output;
use super::postgres::{self, Database, PASSWORD};
use super::{Result, clock};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_donation-portal");

/// The time limit of commands other than `serve`.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    /// A database of the server that all tests of this binary share.
    Postgres,
}

/// A temporary folder with a database, in which commands run. It is removed on drop.
pub(crate) struct TestHome {
    /// The servers that run beside it, which end before their database is removed.
    beside: Vec<Box<dyn Any + Send + Sync>>,
    folder: TempDir,
    server: Option<Database>,
    /// The variables that a transcript has, besides those of the configuration.
    pub(crate) variables: Vec<(String, String)>,
}

/// The output and the exit code of a command.
pub(crate) struct Said {
    /// The exit code, or `None` if a signal ended the command.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl TestHome {
    /// Makes a home with the database in a file that does not exist yet.
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("portal-").tempdir()?;
        Ok(Self { beside: Vec::new(), folder, server: None, variables: Vec::new() })
    }

    /// Makes a home with an empty database of this kind.
    pub(crate) fn on(on: On) -> Result<Self> {
        match on {
            On::Sqlite => Self::new(),
            On::Postgres => Self::with(Database::new(&postgres::cluster()?)?),
        }
    }

    /// Makes a home with this database of a server.
    pub(crate) fn with(database: Database) -> Result<Self> {
        Ok(Self { server: Some(database), ..Self::new()? })
    }

    /// Adds a variable for transcripts, in which its value is shown as `[NAME]`.
    pub(crate) fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Keeps a server running as long as the folder is there.
    pub(crate) fn beside(mut self, server: impl Any + Send + Sync) -> Self {
        self.beside.push(Box::new(server));
        self
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("portal.db")
    }

    /// Returns a command of `program` in this folder, with an empty environment.
    pub(crate) fn bare(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command
    }

    /// Returns a command of `program` in this folder, configured like a server.
    pub(crate) fn configured(&self, program: &str, args: &[&str]) -> Command {
        let mut command = self.bare(program, args);
        command
            .env("STRIPE_WEBHOOK_SECRET", SECRET)
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("OPERATOR_ADDR", "off")
            .env("DATABASE_URL", self.database_url());
        command
    }

    pub(crate) fn database_url(&self) -> String {
        match &self.server {
            Some(database) => database.url(),
            None => format!("sqlite://{}", self.database().display()),
        }
    }

    /// Returns the database's URL as commands show it.
    pub(crate) fn shown_url(&self) -> String {
        let url = self.database_url().replace(&format!(":{PASSWORD}@"), "@");
        url.split('?').next().unwrap_or_default().to_owned()
    }

    /// Returns the database on a server.
    pub(crate) fn server(&self) -> Result<&Database> {
        Ok(self.server.as_ref().ok_or("the database is in a file")?)
    }

    /// Opens the database directly and migrates it.
    pub(crate) fn store(&self) -> Result<Box<dyn Store>> {
        Ok(match &self.server {
            Some(database) => {
                Box::new(PostgresStore::open(&DatabaseAddress::parse(&database.url())?)?)
            }
            None => Box::new(SqliteStore::open(&self.database())?),
        })
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Result<Said> {
        finish(&mut self.configured(PROGRAM, args))
    }

    /// Returns the output of `events list --format json` with additional `args`.
    pub(crate) fn list(&self, args: &[&str]) -> Result<Vec<Value>> {
        let all = ["events", "list", "--format", "json"];
        let said = self.run(&[&all, args].concat())?;
        if said.code != Some(0) {
            return Err(format!("events list: {}", said.stderr).into());
        }
        let events = said.stdout.lines().map(serde_json::from_str);
        Ok(events.collect::<std::result::Result<_, _>>()?)
    }

    /// Returns the ids that `donations list` prints, sorted.
    pub(crate) fn donations(&self) -> Result<Vec<String>> {
        let said = self.run(&["donations", "list", "--limit", "1000", "--format", "csv"])?;
        if said.code != Some(0) {
            return Err(format!("donations list: {}", said.stderr).into());
        }
        let ids = said.stdout.lines().skip(1).filter_map(|line| line.split(',').next());
        let mut ids: Vec<String> = ids.map(str::to_owned).collect();
        ids.sort();
        Ok(ids)
    }

    /// Returns the ids in the inbox, one for each row, in the order of arrival.
    pub(crate) fn inbox(&self) -> Result<Vec<String>> {
        if let Some(database) = &self.server {
            let ids = database.ask("select id from event order by seq")?;
            return Ok(ids.lines().map(str::to_owned).collect());
        }
        let connection = Connection::open_with_flags(
            self.database(),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        let mut select = connection.prepare("select id from event order by seq")?;
        let ids = select.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Writes into the history that an event came three days ago, as if the service had run then.
    pub(crate) fn has_run_before(&self) -> Result {
        let hour = clock::now()?.get() / 3600 - 72;
        let event = format!(
            "insert into delivery_hour (hour, events, first_at, last_at, gap, gap_before, connected) \
             values ({hour}, 1, {hour} * 3600, {hour} * 3600, 0, 0, 0)"
        );
        match &self.server {
            Some(database) => database.ask(&event).map(drop),
            None => Ok(Connection::open(self.database())?.execute_batch(&event)?),
        }
    }

    /// Returns all bytes at rest with their places: every file of the folder, which includes a
    /// database's write-ahead log and its index, and every table on a server.
    pub(crate) fn kept(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(self.folder.path())? {
            let entry = entry?;
            let place = format!("file {}", entry.file_name().display());
            kept.push((place, fs::read(entry.path())?));
        }
        if let Some(database) = &self.server {
            kept.extend(database.tables()?);
        }
        Ok(kept)
    }
}

impl Said {
    /// Returns standard output and standard error.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs `command` to its end.
pub(crate) fn finish(command: &mut Command) -> Result<Said> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = Output::of(child.stdout.take().ok_or("no standard output")?);
    let stderr = Output::of(child.stderr.take().ok_or("no standard error")?);
    let ended = clock::wait_for("a command to end", COMMAND_LIMIT, || Ok(child.try_wait()?));
    if ended.is_err() {
        child.kill()?;
        child.wait()?;
    }
    Ok(Said {
        code: ended?.code(),
        stdout: String::from_utf8(stdout.whole())?,
        stderr: String::from_utf8(stderr.whole())?,
    })
}
