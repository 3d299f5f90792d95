//! Rows of results.

use portal_domain::{StoreError, row_decode};
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Column, Row};

/// A row of a PostgreSQL query.
pub(crate) struct PostgresRow<'r>(pub(crate) &'r Row);

impl row_decode::Row for PostgresRow<'_> {
    fn text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        read(self.0, column)
    }

    /// Reads an integer of any of PostgreSQL's integer types.
    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        let Some(kind) = self.0.columns().get(column).map(Column::type_) else {
            return Err(StoreError::Corrupt);
        };
        match *kind {
            Type::BOOL => Ok(read::<Option<bool>>(self.0, column)?.map(i64::from)),
            Type::INT4 => Ok(read::<Option<i32>>(self.0, column)?.map(i64::from)),
            _ => read(self.0, column),
        }
    }
}

/// Reads a column by its index. A value that this service never writes is an error of corruption.
pub(crate) fn read<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|_| StoreError::Corrupt)
}
