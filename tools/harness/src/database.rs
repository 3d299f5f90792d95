//! The database of a server under test, read past the server.

mod session;

use std::path::PathBuf;

use clap::ValueEnum;
use rusqlite::{Connection, OpenFlags};
use xtask::run::Failure;

pub use self::session::{Session, connect};

/// One moment of PostgreSQL's, by the tables themselves: an index would show an id only once.
const AT_ONE_MOMENT: &str =
    "begin isolation level repeatable read; set local enable_indexscan = off;
    set local enable_indexonlyscan = off; set local enable_bitmapscan = off";

/// Which store the server works on.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Store {
    /// SQLite, in a file.
    #[default]
    Sqlite,
    /// PostgreSQL, on a cluster of the task's own.
    Postgres,
}

/// The place of a database.
#[derive(Clone)]
pub enum Database {
    /// A file of SQLite's.
    Sqlite(PathBuf),
    /// The URL of a database on PostgreSQL.
    Postgres(String),
}

/// A database that is open. What it is asked is the same SQL on both stores.
pub enum Reader {
    /// A file of SQLite's.
    Sqlite(Connection),
    /// A session on PostgreSQL.
    Postgres(Session),
}

impl Database {
    /// As `DATABASE_URL` has it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Opens it for a look at the rows themselves.
    pub fn open(&self) -> Result<Reader, Failure> {
        Ok(match self {
            Self::Sqlite(file) => {
                Reader::Sqlite(Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
            }
            Self::Postgres(url) => Reader::Postgres(Session::open(url)?),
        })
    }
}

impl Reader {
    /// Fails where the database itself says that it is damaged.
    pub fn expect_intact(&self) -> Result<(), Failure> {
        let Self::Sqlite(connection) = self else { return Ok(()) };
        let intact: String =
            connection.query_row("pragma integrity_check", [], |row| row.get(0))?;
        if intact == "ok" {
            Ok(())
        } else {
            Err(format!("the database is damaged: {intact}").into())
        }
    }

    /// From here on all that is asked is of one moment, and rows are counted, not their ids.
    pub fn begin(&self) -> Result<(), Failure> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch("begin")?),
            Self::Postgres(session) => session.run(AT_ONE_MOMENT),
        }
    }

    /// The one number that `sql` asks for.
    pub fn number(&self, sql: &str) -> Result<i64, Failure> {
        match self {
            Self::Sqlite(connection) => Ok(connection.query_row(sql, [], |row| row.get(0))?),
            Self::Postgres(session) => {
                let rows = session.query(sql)?;
                Ok(rows.first().ok_or("no row")?.try_get(0)?)
            }
        }
    }

    /// The id of each event that is there, as often as it is there.
    pub fn ids(&self) -> Result<Vec<String>, Failure> {
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

    /// Returns the number of events that are not processed.
    pub fn unprocessed(&self) -> Result<usize, Failure> {
        Ok(self.number("select count(*) from event where state <> 'processed'")?.try_into()?)
    }

    /// The id and the amount of each donation that is paid.
    pub fn donations(&self) -> Result<Vec<(String, i64)>, Failure> {
        let sql = "select id, amount from donation where state = 'paid'";
        match self {
            Self::Sqlite(connection) => {
                let mut select = connection.prepare(sql)?;
                let paid = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(paid.collect::<Result<_, _>>()?)
            }
            Self::Postgres(session) => {
                let rows = session.query(sql)?;
                let paid = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
                paid.collect()
            }
        }
    }
}
