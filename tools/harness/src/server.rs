//! The server under test, as a process of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use serde_json::Value;
use xtask::run::{Background, Failure, cargo, command, read, run, target_folder, wait_for};

use crate::database::Database;
use crate::delivery::SECRET;
use crate::http;

const PACKAGE: &str = "donation-portal";

/// The time that a server may take to start, recovery of its database included.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The time that a server may take to end after SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Which build of the server a tool drives.
#[derive(Args)]
pub struct Build {
    /// Drive this build of the server, such as an older one, instead of the project as it is
    /// released.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
}

impl Build {
    /// Returns the server's path; builds it where none was named.
    pub fn program(&self) -> Result<PathBuf, Failure> {
        if let Some(named) = &self.server {
            return Ok(fs::canonicalize(named)?);
        }
        run(&mut cargo(&["build", "--quiet", "--release", "--package", PACKAGE]))?;
        Ok(target_folder()?.join("release").join(PACKAGE))
    }
}

/// A port on the loopback that nobody listens on.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// An empty folder `target/<name>`, on the disk that the project lies on.
pub fn empty_folder(name: &str) -> Result<PathBuf, Failure> {
    let folder = std::env::current_dir()?.join("target").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The settings of a server.
#[derive(Clone)]
pub struct Setup {
    program: PathBuf,
    pub address: SocketAddr,
    pub database: Database,
    log: PathBuf,
    console: Option<SocketAddr>,
}

impl Setup {
    /// A server by the name of `name` with its log in `folder`, and its database, a file, in a folder
    /// of its own there: a server makes none beside another.
    pub fn new(program: &Path, folder: &Path, name: &str) -> Result<Self, Failure> {
        let own = folder.join(name);
        fs::create_dir_all(&own)?;
        let database = Database::Sqlite(own.join("portal.db"));
        Self::on(database, program, folder, name)
    }

    /// The same with its log in `folder` and its database where that is.
    pub fn on(
        database: Database,
        program: &Path,
        folder: &Path,
        name: &str,
    ) -> Result<Self, Failure> {
        Ok(Self {
            program: program.to_owned(),
            address: free_address()?,
            database,
            log: folder.join(format!("{name}.log")),
            console: None,
        })
    }

    /// The same with a console at that address.
    pub fn with_console(self, address: SocketAddr) -> Self {
        Self { console: Some(address), ..self }
    }

    /// Returns the URL that Stripe would post to.
    pub fn webhook_url(&self) -> String {
        format!("http://{}/api/webhooks/stripe", self.address)
    }

    /// Starts the server and waits until it is ready. Its log goes on where the last one ended.
    pub fn start(&self) -> Result<Background, Failure> {
        self.start_with(&[])
    }

    /// As [`Self::start`], with more variables.
    pub fn start_with(&self, variables: &[(&str, &str)]) -> Result<Background, Failure> {
        let mut command = Command::new(&self.program);
        command.envs(variables.iter().copied());
        self.start_by(command)
    }

    /// Makes the schema, where no server has done so.
    pub fn migrate(&self) -> Result<(), Failure> {
        read(self.configure(&mut command(&self.program, &["migrate", "--create"]))).map(drop)
    }

    /// As [`Self::start`], by a command that runs the program given as its last argument.
    pub fn start_within(&self, mut outer: Command) -> Result<Background, Failure> {
        outer.arg(&self.program);
        self.start_by(outer)
    }

    fn start_by(&self, mut command: Command) -> Result<Background, Failure> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        self.configure(&mut command).arg("serve").stdout(log);
        let mut server = Background::start(&mut command)?;
        let ready = wait_for("the server to be ready", START_LIMIT, || {
            server.check_alive()?;
            Ok((self.status("/health/ready") == Some(200)).then_some(()))
        });
        match ready {
            Ok(()) => Ok(server),
            Err(failure) => {
                Err(format!("{failure}; its log ends with\n{}", self.end_of_log()).into())
            }
        }
    }

    /// The status that `path` is answered with; `None` where there is no answer.
    pub fn status(&self, path: &str) -> Option<u16> {
        http::get(self.address, path).ok().map(|answer| answer.status)
    }

    /// Returns the end of its log.
    pub fn end_of_log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines = log.lines().collect::<Vec<_>>();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    /// Counts its warnings and errors.
    pub fn complaints(&self) -> BTreeMap<String, u64> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let mut counts = BTreeMap::new();
        for complaint in log.lines().filter_map(complaint) {
            *counts.entry(complaint).or_default() += 1;
        }
        counts
    }

    /// Returns the lines of `events list`, newest first.
    pub fn events(&self, limit: u32) -> Result<Vec<Value>, Failure> {
        let mut list = command(&self.program, &["events", "list", "--format", "json", "--limit"]);
        let lines = read(self.configure(&mut list).arg(limit.to_string()))?;
        Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// Returns the lines of `donations list`.
    pub fn donations(&self) -> Result<Vec<Value>, Failure> {
        let lines = read(&mut self.command(&["donations", "list", "--format", "json"]))?;
        Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// Runs `ledger check`, which fails where something differs.
    pub fn check_ledger(&self) -> Result<(), Failure> {
        read(&mut self.command(&["ledger", "check"])).map(drop)
    }

    /// Returns the report of `reconcile` about all that happened until now, complete or not.
    pub fn reconcile(&self, key: &str, api_base: &str) -> Result<Value, Failure> {
        let until = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string();
        let mut reconcile = self.command(&["reconcile", "--format", "json", "--until"]);
        reconcile.arg(until).env("STRIPE_SECRET_KEY", key).env("STRIPE_API_BASE", api_base);
        let output = reconcile.stderr(Stdio::inherit()).output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The program with `arguments`, on this server's database.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.program, arguments);
        self.configure(&mut command);
        command
    }

    fn configure<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("STRIPE_WEBHOOK_SECRET", SECRET)
            .env("DATABASE_URL", self.database.url())
            .env("LISTEN_ADDR", self.address.to_string())
            .env("OPERATOR_ADDR", self.console.map_or_else(|| "off".into(), |it| it.to_string()))
            .env("LOG_FORMAT", "json")
            .env("SIGNATURE_TOLERANCE_SECONDS", "300")
            .env("DIGEST_AT", "off")
            .env_remove("RUST_LOG")
    }
}

/// Asks `server` to end, and waits until it has.
pub fn stop(server: Background) -> Result<(), Failure> {
    server.terminate(STOP_LIMIT)
}

/// Returns the outcome and reason of a warning or an error, without what differs from line to line.
fn complaint(line: &str) -> Option<String> {
    // Most lines tell of a delivery that went well, and are not looked at any closer.
    if line.contains(r#""level":"INFO""#) {
        return None;
    }
    let Ok(fields) = serde_json::from_str::<Value>(line) else {
        return Some(format!("no line of the log: {line}"));
    };
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or("-");
    Some(format!("{} {} {} {}", text("level"), text("outcome"), text("reason"), text("error")))
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn a_log_complains_in_warnings_and_errors() {
        assert_eq!(complaint(r#"{"level":"INFO","outcome":"new"}"#), None);
        let line = r#"{"level":"ERROR","outcome":"not_told","reason":"unreachable"}"#;
        assert_eq!(complaint(line), Some("ERROR not_told unreachable -".to_owned()));
    }
}
