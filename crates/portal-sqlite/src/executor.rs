//! The executor: what runs statements on a database that speaks SQLite's SQL.

use std::sync::Arc;

use portal_domain::row_decode::Row;
use portal_domain::{Entry, Recorded, StoreError, UnixSeconds};

use crate::sql::{SqlValue, Statement};
use crate::store::inbox::record;

/// Runs statements on one database. Everything else about the store is [`crate::SqlStore`]'s.
pub trait Executor: Send + Sync {
    /// Runs one statement that reads; makes a value of each row that it returns.
    fn read<T: Send>(
        &self,
        how: Reading,
        statement: Statement<'_>,
        make: MakeValue<T>,
    ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send;

    /// Runs statements as one transaction: all of them happen, or none. Returns what each came to in
    /// its place.
    fn write(
        &self,
        how: Writing,
        statements: &[Statement<'_>],
    ) -> impl Future<Output = Result<Vec<StatementResult>, StoreError>> + Send;

    /// Records events, by one list of statements that needs no branches. An executor that sees what a
    /// statement came to before it runs the next one has a shorter way.
    fn record_entries(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> impl Future<Output = Result<Vec<Recorded>, StoreError>> + Send {
        async move {
            let mut statements = Vec::new();
            let mut last = Vec::with_capacity(entries.len());
            for entry in entries {
                statements.extend(record::insert_if_new(entry, now)?);
                last.push(statements.len() - 1);
            }
            let results = self.write(Writing::Now, &statements).await?;
            let recorded = |(entry, place): (&Arc<Entry>, usize)| {
                Ok(match result_at(&results, place)?.changed {
                    0 => Recorded::Duplicate,
                    _ => Recorded::New(entry.event().state),
                })
            };
            entries.iter().zip(last).map(recorded).collect()
        }
    }

    /// Lets others write between the transactions of a long work.
    fn give_way(&self) {}

    /// Fails as long as the database counts as damaged, although it may take writes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    fn check_damage(&self, _now: UnixSeconds) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Makes a value of a row.
pub type MakeValue<T> = fn(&dyn Row) -> Result<T, StoreError>;

/// The purpose of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is looked up, within milliseconds.
    Lookup,
    /// It may take seconds, for which no look-up is to wait.
    Scan,
}

/// The one that a transaction waits for. It is durable when that returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// It waits for a lock as long as a delivery may.
    Now,
    /// It gives way where somebody else has the lock: whoever writes this tries again by itself, and
    /// deliveries wait meanwhile.
    Beside,
}

/// The result of one statement.
#[derive(Default)]
pub struct StatementResult {
    pub rows: Vec<ResultRow>,
    /// The number of rows that it changed.
    pub changed: u64,
}

/// A row, in the order of its columns.
pub struct ResultRow(pub Vec<SqlValue<'static>>);

/// The result in that place.
pub(crate) fn result_at(
    results: &[StatementResult],
    place: usize,
) -> Result<&StatementResult, StoreError> {
    results.get(place).ok_or(StoreError::Corrupt)
}

impl StatementResult {
    /// Makes a value of the first row, where there is one.
    pub(crate) fn first<T>(&self, make: MakeValue<T>) -> Result<Option<T>, StoreError> {
        self.rows.first().map(|row| make(row)).transpose()
    }

    /// As [`Self::first`], of a statement that returns one row in any case.
    pub(crate) fn one<T>(&self, make: MakeValue<T>) -> Result<T, StoreError> {
        self.first(make)?.ok_or(StoreError::Corrupt)
    }
}

impl Row for ResultRow {
    fn text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.0.get(column) {
            Some(SqlValue::Text(text)) => Ok(Some(text)),
            Some(SqlValue::Null) => Ok(None),
            Some(SqlValue::Integer(_)) | None => Err(StoreError::Corrupt),
        }
    }

    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(column) {
            Some(SqlValue::Integer(number)) => Ok(Some(*number)),
            Some(SqlValue::Null) => Ok(None),
            Some(SqlValue::Text(_)) | None => Err(StoreError::Corrupt),
        }
    }
}
