//! Statements on a connection.

use portal_domain::StoreError;
use portal_domain::row_decode::Row;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql, params_from_iter};

use crate::connection::failed;
use crate::sql::{SqlValue, Statement};

/// Runs a statement; tells how many rows it changed.
pub(crate) fn run(connection: &Connection, statement: &Statement<'_>) -> Result<u64, StoreError> {
    if let Some(condition) = &statement.only_if
        && first(connection, condition, |_| Ok(()))?.is_none()
    {
        return Ok(0);
    }
    let changed = prepare(connection, statement)?.execute(params_from_iter(&statement.values));
    changed.map(|rows| rows as u64).map_err(failed)
}

/// Runs a statement; makes what it returns.
pub(crate) fn all<T>(
    connection: &Connection,
    statement: &Statement<'_>,
    make: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut prepared = prepare(connection, statement)?;
    let mut rows = prepared.query(params_from_iter(&statement.values)).map_err(failed)?;
    let mut made = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        made.push(make(&SqliteRow(row))?);
    }
    Ok(made)
}

/// As [`all`], of a statement that returns one row at most.
pub(crate) fn first<T>(
    connection: &Connection,
    statement: &Statement<'_>,
    make: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    all(connection, statement, make).map(|mut made| made.pop())
}

/// As [`first`], of a statement that returns one row in any case.
pub(crate) fn one<T>(
    connection: &Connection,
    statement: &Statement<'_>,
    make: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    first(connection, statement, make)?.ok_or(StoreError::Corrupt)
}

fn prepare<'c>(
    connection: &'c Connection,
    statement: &Statement<'_>,
) -> Result<CachedStatement<'c>, StoreError> {
    connection.prepare_cached(&statement.sql).map_err(failed)
}

impl ToSql for SqlValue<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A row of SQLite's.
struct SqliteRow<'r>(&'r rusqlite::Row<'r>);

impl Row for SqliteRow<'_> {
    fn text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        let cell = self.0.get_ref(column).map_err(failed)?;
        cell.as_str_or_null().map_err(|_| StoreError::Corrupt)
    }

    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        let cell = self.0.get_ref(column).map_err(failed)?;
        cell.as_i64_or_null().map_err(|_| StoreError::Corrupt)
    }
}
