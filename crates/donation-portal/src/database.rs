//! The database: its URL, and opening it.

mod file_rights;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use portal_domain::log_names::LogOutcome;
use portal_domain::{Advise as _, Clock, Store, StoreError, Text, text};
use portal_postgres::{DatabaseAddress, PostgresStore};
use portal_service::settings::{DATABASE_URL, InvalidValue};
use portal_sqlite::{ReadLimit, SqliteStore};

use crate::exit::Failure;
use file_rights::others_file;

/// The longest read of a page. Nobody waits for a page longer, and a long read keeps SQLite's log from
/// starting over.
const PAGE_READ_MAX: Duration = Duration::from_secs(2);

/// A parsed database URL.
pub(crate) enum DatabaseUrl {
    Sqlite(PathBuf),
    /// A server, which other processes may use at the same time.
    Postgres(Box<DatabaseAddress>),
}

/// The treatment of a database whose schema is out of date, or that is not there. The schema of a
/// PostgreSQL database is made by the migrations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// Fails on both.
    AsItIs,
    /// Runs the migrations, and fails where there is no database file.
    Migrated,
    /// As `Migrated`, and makes a database file where nothing tells that there was one.
    FirstInstallation,
    /// As `Migrated`, and makes a database file where there is none.
    Created,
}

impl DatabaseUrl {
    /// Parses the URL. The error does not repeat it, because it may hold a password.
    pub(crate) fn parse(url: &str) -> Result<Self, InvalidValue> {
        if is_server(url) {
            let address = DatabaseAddress::parse(url)?;
            return Ok(Self::Postgres(Box::new(address)));
        }
        if !is_file(url) {
            return Err(DATABASE_URL.other_form());
        }
        let path = path_of(url).ok_or_else(|| {
            InvalidValue::new(text!(
                "it must be sqlite://PATH, without ? or #",
                "? と # のない sqlite://PATH にしてください"
            ))
        })?;
        if url.ends_with('/') || path.is_dir() {
            let advice =
                text!("add the name of the file in it", "その中のファイル名まで指定してください");
            return Err(InvalidValue::new(text!("it is a folder", "フォルダーです")).advise(advice));
        }
        Ok(Self::Sqlite(path))
    }

    /// Opens the database for writing.
    pub(crate) fn open(&self, schema: Schema) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(self.open_sqlite(path, schema)?),
            Self::Postgres(address) => Arc::new(self.open_postgres(address, schema)?),
        })
    }

    /// Opens an existing database for writing: a command that changes an inbox does not create one.
    pub(crate) fn open_existing(&self) -> Result<Arc<dyn Store>, Failure> {
        self.open(Schema::AsItIs)
    }

    /// Opens the database for reading.
    pub(crate) fn open_to_read(&self) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(self.opened(SqliteStore::open_to_read(path))?),
            Self::Postgres(address) => Arc::new(self.open_postgres(address, Schema::AsItIs)?),
        })
    }

    /// Opens an existing database for the pages of the console, each of whose reads ends within
    /// [`PAGE_READ_MAX`].
    pub(crate) fn open_for_pages(&self, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Sqlite(path) => {
                let limit = ReadLimit { clock, longest: PAGE_READ_MAX };
                Arc::new(self.opened(SqliteStore::open_for_pages(path, &limit))?)
            }
            Self::Postgres(address) => {
                Arc::new(self.opened(PostgresStore::open_for_pages(address))?)
            }
        })
    }

    /// Returns the error for a database that does not open.
    pub(crate) fn could_not_open(&self, error: &StoreError) -> Failure {
        let failure = Failure::could_not(self.opening(), error);
        match (error, self) {
            (StoreError::Missing, Self::Sqlite(path)) => missing_file(path),
            (StoreError::Missing, Self::Postgres(_)) => failure.advise(text!(
                "create it (createdb) and run `donation-portal migrate`, or correct DATABASE_URL",
                "作成して（createdb）`donation-portal migrate` を実行するか、DATABASE_URL を直してください"
            )),
            _ => failure.with(error),
        }
    }

    /// Returns the version of the schema that this program uses.
    pub(crate) fn schema_version(&self) -> u32 {
        match self {
            Self::Sqlite(_) => portal_sqlite::sql::SCHEMA_VERSION,
            Self::Postgres(_) => portal_postgres::SCHEMA_VERSION,
        }
    }

    fn opening(&self) -> Text {
        text!("open the database {self}", "データベース {self} を開けません")
    }

    fn opened<S>(&self, store: Result<S, StoreError>) -> Result<S, Failure> {
        store.map_err(|error| self.could_not_open(&error))
    }

    fn open_sqlite(&self, path: &Path, schema: Schema) -> Result<SqliteStore, Failure> {
        if let Some(file) = others_file(path) {
            return Err(Failure::could_not(self.opening(), file.why()).advise(file.advice()));
        }
        match schema {
            // Opening to read neither creates nor migrates.
            Schema::AsItIs => drop(self.opened(SqliteStore::open_to_read(path))?),
            _ if portal_sqlite::has_database(path) => {}
            Schema::Migrated => return Err(self.could_not_open(&StoreError::Missing)),
            Schema::FirstInstallation if portal_sqlite::trace_of_database(path).is_some() => {
                return Err(self.could_not_open(&StoreError::Missing));
            }
            Schema::FirstInstallation | Schema::Created => {
                make_folder_of(path)?;
                let store = self.opened(SqliteStore::open(path))?;
                let (outcome, path) = (LogOutcome::DatabaseMade.name(), absolute(path));
                let path = path.display();
                tracing::warn!(outcome, %path, "there was no database, and an empty one was made");
                return Ok(store);
            }
        }
        self.opened(SqliteStore::open(path))
    }

    fn open_postgres(
        &self,
        address: &DatabaseAddress,
        schema: Schema,
    ) -> Result<PostgresStore, Failure> {
        self.opened(match schema {
            Schema::AsItIs => PostgresStore::open_as_it_is(address),
            Schema::Migrated | Schema::FirstInstallation | Schema::Created => {
                PostgresStore::open(address)
            }
        })
    }
}

/// Formats the URL without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

/// True for a PostgreSQL URL.
fn is_server(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// True for a SQLite URL.
fn is_file(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// Returns the path of a SQLite URL.
fn path_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:").map(|it| it.strip_prefix("//").unwrap_or(it));
    path.filter(|it| !it.is_empty() && !it.contains(['?', '#'])).map(PathBuf::from)
}

/// Returns the free space on the disk of a database file, for this user.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Returns the error for a database file that is not there. It names the whole path, because a
/// relative one leads elsewhere from another folder.
fn missing_file(path: &Path) -> Failure {
    let whole = absolute(path);
    let what = DatabaseUrl::Sqlite(whole.clone()).opening();
    let advice = text!(
        "put the file back, with its -wal (runbook, section 9), or correct DATABASE_URL",
        "ファイルを -wal とともに元に戻すか（運用手順書の §9）、DATABASE_URL を直してください"
    );
    let Text { en, ja } = StoreError::Missing.text();
    match portal_sqlite::trace_of_database(&whole) {
        Some(trace) => {
            let trace = trace.display();
            let why = text!("{en}, but {trace} is", "{ja}（{trace} はあります）");
            Failure::could_not(what, why).advise(advice)
        }
        None => Failure::could_not(what, Text { en, ja }).advise(advice.then(&text!(
            "only for a first installation make one with `donation-portal migrate --create`",
            "初めて導入する場合に限り、`donation-portal migrate --create` で作成します"
        ))),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn make_folder_of(path: &Path) -> Result<(), Failure> {
    let Some(folder) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| {
        let folder = folder.display();
        let what = text!("make the folder {folder}", "フォルダー {folder} を作成できません");
        Failure::could_not(what, error)
    })
}

#[cfg(test)]
mod tests;
