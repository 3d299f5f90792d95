//! Statements on a connection.

use portal_domain::StoreError;
use portal_domain::row_decode::Row;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql, params_from_iter};

use crate::connection::failed;
use crate::executor::{MakeValue, ResultRow, StatementResult};
use crate::sql::{SqlValue, Statement};

/// Runs a statement that returns no rows; tells how many it changed.
pub(crate) fn change(
    connection: &Connection,
    statement: &Statement<'_>,
) -> Result<u64, StoreError> {
    if !is_needed(connection, statement)? {
        return Ok(0);
    }
    let changed = prepare(connection, statement)?.execute(params_from_iter(&statement.values));
    changed.map(|rows| rows as u64).map_err(failed)
}

/// Runs a statement, whatever it does.
pub(crate) fn run(
    connection: &Connection,
    statement: &Statement<'_>,
) -> Result<StatementResult, StoreError> {
    if prepare(connection, statement)?.column_count() == 0 {
        return Ok(StatementResult { rows: Vec::new(), changed: change(connection, statement)? });
    }
    Ok(StatementResult { rows: query(connection, statement, owned)?, changed: 0 })
}

fn is_needed(connection: &Connection, statement: &Statement<'_>) -> Result<bool, StoreError> {
    let Some(condition) = &statement.only_if else { return Ok(true) };
    Ok(!all(connection, condition, |_| Ok(()))?.is_empty())
}

/// Runs a statement; makes a value of each row that it returns.
pub(crate) fn all<T>(
    connection: &Connection,
    statement: &Statement<'_>,
    make: MakeValue<T>,
) -> Result<Vec<T>, StoreError> {
    query(connection, statement, |row| make(&SqliteRow(row)))
}

fn query<T>(
    connection: &Connection,
    statement: &Statement<'_>,
    make: impl Fn(&rusqlite::Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut prepared = prepare(connection, statement)?;
    let mut rows = prepared.query(params_from_iter(&statement.values)).map_err(failed)?;
    let mut made = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        made.push(make(row)?);
    }
    Ok(made)
}

fn owned(row: &rusqlite::Row<'_>) -> Result<ResultRow, StoreError> {
    let cell = |column| match row.get_ref(column).map_err(failed)? {
        ValueRef::Null => Ok(SqlValue::Null),
        ValueRef::Integer(number) => Ok(SqlValue::Integer(number)),
        it @ ValueRef::Text(_) => {
            let text = it.as_str().map_err(|_| StoreError::Corrupt)?;
            Ok(SqlValue::Text(text.to_owned().into()))
        }
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError::Corrupt),
    };
    (0..row.as_ref().column_count()).map(cell).collect::<Result<_, _>>().map(ResultRow)
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
