//! The database of a server under test, read past the server.

mod session;

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use rusqlite::{Connection, OpenFlags};

use crate::run::{Failure, wait_for};

pub(crate) use self::session::{Session, connect};

/// What a session on PostgreSQL begins with: counting by an index would show an id only once.
const READ_THE_TABLES: &str =
    "set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off";

/// Which store the server works on.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// SQLite, in a file.
    #[default]
    Sqlite,
    /// PostgreSQL, on a cluster of the task's own.
    Postgres,
}

/// Where a database is.
#[derive(Clone)]
pub(crate) enum Database {
    /// A file of SQLite's.
    Sqlite(PathBuf),
    /// The URL of a database on PostgreSQL.
    Postgres(String),
}

/// A database that is open. What it is asked is the same SQL on both stores.
pub(crate) enum Reader {
    /// A file of SQLite's.
    Sqlite(Connection),
    /// A session on PostgreSQL.
    Postgres(Session),
}

impl Database {
    /// As `DATABASE_URL` has it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Opens it for a look at the rows themselves.
    pub(crate) fn open(&self) -> Result<Reader, Failure> {
        Ok(match self {
            Self::Sqlite(file) => {
                Reader::Sqlite(Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
            }
            Self::Postgres(url) => {
                let session = Session::open(url)?;
                session.run(READ_THE_TABLES)?;
                Reader::Postgres(session)
            }
        })
    }
}

impl Reader {
    /// Fails where the database itself says that it is damaged.
    pub(crate) fn expect_intact(&self) -> Result<(), Failure> {
        let Self::Sqlite(connection) = self else { return Ok(()) };
        let intact: String =
            connection.query_row("pragma integrity_check", [], |row| row.get(0))?;
        if intact == "ok" {
            Ok(())
        } else {
            Err(format!("the database is damaged: {intact}").into())
        }
    }

    /// The one number that `sql` asks for.
    pub(crate) fn number(&self, sql: &str) -> Result<i64, Failure> {
        match self {
            Self::Sqlite(connection) => Ok(connection.query_row(sql, [], |row| row.get(0))?),
            Self::Postgres(session) => {
                let rows = session.query(sql)?;
                Ok(rows.first().ok_or("no row")?.try_get(0)?)
            }
        }
    }

    /// The id of each event that is there, as often as it is there.
    pub(crate) fn ids(&self) -> Result<Vec<String>, Failure> {
        match self {
            Self::Sqlite(connection) => {
                // The table itself: its index would show an id only once.
                let mut select = connection.prepare("select id from event not indexed")?;
                let ids = select.query_map([], |row| row.get(0))?;
                Ok(ids.collect::<Result<_, _>>()?)
            }
            Self::Postgres(session) => {
                let rows = session.query("select id from event")?;
                Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
            }
        }
    }

    /// How many events are not settled.
    pub(crate) fn unsettled(&self) -> Result<i64, Failure> {
        self.number("select count(*) from unsettled")
    }

    /// Waits until every event is settled.
    pub(crate) fn wait_until_settled(&self, limit: Duration) -> Result<(), Failure> {
        wait_for("every event to be settled", limit, || Ok((self.unsettled()? == 0).then_some(())))
    }
}
