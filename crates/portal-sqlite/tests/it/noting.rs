//! The statements of an operation, without a database.

use std::sync::Mutex;

use portal_contract::block_on;
use portal_domain::StoreError;
use portal_sqlite::sql::Statement;
use portal_sqlite::{Executor, MakeValue, Reading, SqlStore, StatementResult, Writing};

/// A store on an executor that runs no statement and notes each.
pub(crate) type NotingStore<'n> = SqlStore<&'n Noting>;

#[derive(Default)]
pub(crate) struct Noting(Mutex<Vec<String>>);

/// Returns the text of the statements that an operation sends.
pub(crate) fn statements_of<T>(
    operation: impl AsyncFnOnce(&NotingStore<'_>) -> Result<T, StoreError>,
) -> Vec<String> {
    let noting = Noting::default();
    // Without rows many an operation ends in an error.
    drop(block_on(operation(&SqlStore::new(&noting))));
    noting.0.into_inner().unwrap()
}

impl Noting {
    fn note(&self, statements: &[Statement<'_>]) {
        self.0.lock().unwrap().extend(statements.iter().map(|it| it.sql.to_string()));
    }
}

impl Executor for &Noting {
    async fn read<T: Send>(
        &self,
        _: Reading,
        statement: Statement<'_>,
        _: MakeValue<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.note(&[statement]);
        Ok(Vec::new())
    }

    async fn write(
        &self,
        _: Writing,
        statements: &[Statement<'_>],
    ) -> Result<Vec<StatementResult>, StoreError> {
        self.note(statements);
        Ok(Vec::new())
    }
}
