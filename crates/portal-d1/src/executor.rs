//! Batches of statements on D1.

use portal_domain::StoreError;
use portal_sqlite::sql::{SqlValue, Statement};
use portal_sqlite::{Executor, MakeValue, Reading, SqlStore, StatementResult, Writing};
use worker::D1Database;
use worker::send::SendFuture;
use worker::wasm_bindgen::JsValue;

use crate::failure::store_error;
use crate::result::statement_result;

/// The inbox and the ledger in one D1 database.
///
/// Each operation is one batch of statements, which D1 runs as one transaction
/// (<https://developers.cloudflare.com/d1/worker-api/d1-database/#batch>); its answer says that it
/// is durable.
pub type D1Store = SqlStore<D1Executor>;

/// Runs statements on one D1 database. There is one way to it: nothing is read beside a write.
pub struct D1Executor {
    database: D1Database,
}

/// JavaScript's numbers hold integers up to here; what is greater travels as text.
const INTEGER_MAX: u64 = (1 << 53) - 1;

impl D1Executor {
    /// The executor on `database`, which has been migrated.
    #[must_use]
    pub fn new(database: D1Database) -> Self {
        Self { database }
    }
}

impl Executor for D1Executor {
    async fn read<T: Send>(
        &self,
        _: Reading,
        statement: Statement<'_>,
        make: MakeValue<T>,
    ) -> Result<Vec<T>, StoreError> {
        let results = batch(&self.database, &[statement]).await?;
        results.iter().flat_map(|it| &it.rows).map(|row| make(row)).collect()
    }

    async fn write(
        &self,
        _: Writing,
        statements: &[Statement<'_>],
    ) -> Result<Vec<StatementResult>, StoreError> {
        batch(&self.database, statements).await
    }
}

/// Runs `statements` as one transaction: all of them happen, or none.
async fn batch(
    database: &D1Database,
    statements: &[Statement<'_>],
) -> Result<Vec<StatementResult>, StoreError> {
    if statements.is_empty() {
        return Ok(Vec::new());
    }
    let prepare = |it: &Statement<'_>| {
        let values: Vec<_> = it.values.iter().map(js_value).collect();
        database.prepare(&*it.sql).bind(&values)
    };
    let prepared: Result<_, _> = statements.iter().map(prepare).collect();
    let prepared = prepared.map_err(|error| store_error(&error))?;
    let results = SendFuture::new(database.batch(prepared)).await;
    let results = results.map_err(|error| store_error(&error))?;
    results.iter().map(|it| statement_result(it).map_err(|error| store_error(&error))).collect()
}

fn js_value(value: &SqlValue<'_>) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        SqlValue::Integer(number) if number.unsigned_abs() <= INTEGER_MAX => {
            JsValue::from_f64(*number as f64)
        }
        SqlValue::Integer(number) => JsValue::from_str(&number.to_string()),
        SqlValue::Text(text) => JsValue::from_str(text),
    }
}
