//! Which database, and how it is opened.

mod hint;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portal_domain::{Store, StoreError};
use portal_postgres::{DatabaseAddress, PostgresStore};
use portal_sqlite::SqliteStore;

use crate::exit::Failure;

/// Where the database is if nothing else is said.
const DATABASE_URL: &str = "sqlite://data/donation-portal.db";

/// Which database.
#[derive(clap::Args)]
pub(crate) struct Database {
    /// The database, as `sqlite://PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`
    #[arg(long = "database-url", env = "DATABASE_URL", hide_env_values = true, default_value = DATABASE_URL, value_name = "URL")]
    url: String,
}

/// Where the inbox and the ledger are.
pub(crate) enum DatabaseUrl {
    /// In a file.
    Sqlite(PathBuf),
    /// On a server, which other processes may use at the same time.
    Postgres(Box<DatabaseAddress>),
}

/// What is to become of a schema that is not up to date.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// It is brought up to date, and made where there is none.
    Migrated,
    /// It stays, and opening fails.
    AsItIs,
}

impl Database {
    /// Where that is, checked.
    pub(crate) fn home(&self) -> Result<DatabaseUrl, Failure> {
        let url = self.url.as_str();
        if is_server(url) {
            let address = DatabaseAddress::parse(url)
                .map_err(|error| Failure::misuse(format!("DATABASE_URL: {error}")))?;
            return Ok(DatabaseUrl::Postgres(Box::new(address)));
        }
        if !is_file(url) {
            return Err(Failure::misuse("DATABASE_URL must be sqlite://PATH or postgres://…"));
        }
        let path = path_of(url);
        let unreadable = || Failure::misuse("DATABASE_URL must be sqlite://PATH, without ? or #");
        path.map(DatabaseUrl::Sqlite).ok_or_else(unreadable)
    }
}

impl DatabaseUrl {
    /// Opens the database for writing.
    pub(crate) fn open(&self, schema: Schema) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(self.open_sqlite(path, schema)?),
            Self::Postgres(address) => Arc::new(self.open_postgres(address, schema)?),
        })
    }

    /// Opens a database that is there for writing: what changes an inbox does not make one.
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

    /// What to say of a database that does not open.
    pub(crate) fn could_not_open(&self, error: &StoreError) -> Failure {
        let what = format!("open the database {self}");
        match hint::hint(self, error) {
            Some(hint) => Failure::could_not(what, format!("{error}; {hint}")),
            None => Failure::could_not(what, error),
        }
    }

    fn opened<S>(&self, store: Result<S, StoreError>) -> Result<S, Failure> {
        store.map_err(|error| self.could_not_open(&error))
    }

    fn open_sqlite(&self, path: &Path, schema: Schema) -> Result<SqliteStore, Failure> {
        match schema {
            // Who only reads neither makes nor migrates.
            Schema::AsItIs => drop(self.opened(SqliteStore::open_to_read(path))?),
            Schema::Migrated => make_folder_of(path)?,
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
            Schema::Migrated => PostgresStore::open(address),
        })
    }
}

/// As a URL, without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

/// Whether the URL is one of PostgreSQL's.
pub(crate) fn is_server(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Whether the URL is one of SQLite's.
pub(crate) fn is_file(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The path in one of SQLite's URLs, which takes no options.
pub(crate) fn path_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (!path.is_empty() && !path.contains(['?', '#'])).then(|| path.into())
}

fn make_folder_of(path: &Path) -> Result<(), Failure> {
    let Some(folder) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::could_not(format!("make the folder {}", folder.display()), error))
}

#[cfg(test)]
mod tests;
