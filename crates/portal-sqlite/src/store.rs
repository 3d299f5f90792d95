//! The store's operations, for every database that speaks SQLite's SQL.

mod actions;
mod alerts;
pub(crate) mod inbox;
mod jobs;
mod ledger;
mod payouts;
mod reports;

use portal_domain::{StoreError, Written, row_decode};

use crate::executor::{Executor, MakeValue, Reading, StatementResult, Writing};
use crate::sql::{SqlValue, Statement};

/// The inbox and the ledger in the database behind an executor.
///
/// Each operation is one statement that reads, or one list of statements that is one transaction.
pub struct SqlStore<E> {
    executor: E,
}

impl<E: Executor> SqlStore<E> {
    /// The store in `executor`'s database, which has been migrated.
    #[must_use]
    pub fn new(executor: E) -> Self {
        Self { executor }
    }

    /// Runs one statement that reads and returns one row at most.
    async fn first<T: Send>(
        &self,
        statement: Statement<'_>,
        make: MakeValue<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut made = self.executor.read(Reading::Lookup, statement, make).await?;
        Ok(made.pop())
    }

    /// Runs one statement that reads and returns one number.
    async fn count(&self, how: Reading, statement: Statement<'_>) -> Result<u64, StoreError> {
        self.executor
            .read(how, statement, row_decode::number)
            .await?
            .pop()
            .ok_or(StoreError::Corrupt)
    }

    /// Runs one statement that writes.
    async fn write_one(
        &self,
        how: Writing,
        statement: Statement<'_>,
    ) -> Result<StatementResult, StoreError> {
        self.executor.write(how, &[statement]).await?.pop().ok_or(StoreError::Corrupt)
    }

    /// Runs one statement that changes a row, if that is as it must be.
    async fn change(
        &self,
        sql: &'static str,
        values: Vec<SqlValue<'_>>,
    ) -> Result<Written, StoreError> {
        let changed = self.write_one(Writing::Now, Statement::new(sql, values)).await?;
        Ok(written(&changed))
    }
}

/// Returns the outcome of a write from the result of its deciding statement.
fn written(result: &StatementResult) -> Written {
    if result.changed > 0 { Written::Applied } else { Written::Stale }
}
