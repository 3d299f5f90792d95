//! Configuration: environment variables, each also a flag, read once.
//!
//! Values that are or may hold a secret are taken as plain text and parsed here, because clap
//! repeats a value that it cannot parse.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use portal_domain::{Secrets, StoreError, Tolerance};
use portal_sqlite::SqliteStore;
use tracing_subscriber::filter::Targets;

use crate::exit::Failure;

/// Where the database is if nothing else is said.
const DATABASE_URL: &str = "sqlite://data/donation-portal.db";

/// Which signatures count.
#[derive(clap::Args)]
pub(crate) struct Signing {
    /// The endpoint's signing secrets (whsec_…), separated by commas: rotation, test and live,
    /// snapshot and thin
    #[arg(
        long = "stripe-webhook-secret",
        visible_alias = "secret",
        env = "STRIPE_WEBHOOK_SECRET",
        hide_env_values = true,
        value_name = "SECRET[,SECRET…]"
    )]
    pub(crate) secret: Option<String>,

    /// How old a signature may be, in seconds, before and after now (1 to 3600)
    #[arg(long = "signature-tolerance-seconds", env = "SIGNATURE_TOLERANCE_SECONDS", default_value = "300", value_name = "SECONDS", value_parser = tolerance)]
    pub(crate) tolerance: Tolerance,
}

/// Which database.
#[derive(clap::Args)]
pub(crate) struct Database {
    /// The database, as `sqlite://PATH`
    #[arg(long = "database-url", env = "DATABASE_URL", hide_env_values = true, default_value = DATABASE_URL, value_name = "URL")]
    pub(crate) url: String,
}

/// Where to listen and how to log.
#[derive(clap::Args)]
pub(crate) struct Service {
    /// The public listener's address
    #[arg(
        long,
        env = "LISTEN_ADDR",
        default_value = "127.0.0.1:8787",
        value_name = "ADDRESS:PORT"
    )]
    pub(crate) listen_addr: SocketAddr,

    /// How log lines look
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,

    /// What is logged: a level, or target=level pairs separated by commas
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) rust_log: Targets,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One JSON object a line
    Json,
    /// For people
    Pretty,
}

impl Signing {
    /// The secrets, checked.
    pub(crate) fn secrets(&self) -> Result<Secrets, Failure> {
        let Some(list) = &self.secret else {
            return Err(Failure::misuse(
                "STRIPE_WEBHOOK_SECRET is not set; copy the signing secret (whsec_…) from the endpoint's page in Stripe's Dashboard",
            ));
        };
        Secrets::parse(list)
            .map_err(|error| Failure::misuse(format!("STRIPE_WEBHOOK_SECRET: {error}")))
    }
}

impl Database {
    /// The file's path, checked.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        let Some(path) = self.url.strip_prefix("sqlite:") else {
            return Err(Failure::misuse("DATABASE_URL must be sqlite://PATH"));
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains(['?', '#']) {
            return Err(Failure::misuse("DATABASE_URL must be sqlite://PATH, without ? or #"));
        }
        Ok(path.into())
    }

    /// Opens the database for writing; makes it, and its folder, where there is none.
    pub(crate) fn open(&self) -> Result<SqliteStore, Failure> {
        let path = self.path()?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::could_not(format!("make the folder {}", folder.display()), error)
            })?;
        }
        SqliteStore::open(&path).map_err(|error| could_not_open(&path, &error))
    }

    /// Opens the database for reading.
    pub(crate) fn open_to_read(&self) -> Result<SqliteStore, Failure> {
        let path = self.path()?;
        SqliteStore::open_to_read(&path).map_err(|error| could_not_open(&path, &error))
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Pretty => "pretty",
        })
    }
}

fn could_not_open(path: &Path, error: &StoreError) -> Failure {
    let hint =
        if *error == StoreError::Missing { "; set DATABASE_URL to the server's" } else { "" };
    Failure::could_not(format!("open the database {}", path.display()), format!("{error}{hint}"))
}

fn tolerance(seconds: &str) -> Result<Tolerance, &'static str> {
    seconds
        .parse()
        .ok()
        .and_then(Tolerance::from_seconds)
        .ok_or("it must be 1 to 3600 seconds; 0 does not switch the check off")
}
