//! A batch of statements, and what D1 answers.

use std::fmt;

use portal_domain::StoreError;
use portal_domain::row_decode::Row;
use portal_sqlite::sql::{SqlValue, Statement};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use worker::send::SendFuture;
use worker::wasm_bindgen::JsValue;
use worker::{D1Database, D1Result};

use crate::failure::store_error;

/// JavaScript's numbers hold integers up to here; what is greater travels as text.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// What one statement came to.
pub(crate) struct StatementResult {
    rows: Vec<D1Row>,
    /// How many rows it changed.
    pub(crate) changed: usize,
}

/// Runs `statements` as one transaction: all of them happen, or none.
pub(crate) async fn batch(
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
    results.iter().map(|it| answer(it).map_err(|error| store_error(&error))).collect()
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

fn answer(result: &D1Result) -> worker::Result<StatementResult> {
    let changed = result.meta()?.and_then(|it| it.changes).unwrap_or_default();
    Ok(StatementResult { rows: result.results()?, changed })
}

impl StatementResult {
    /// What is made of each row.
    pub(crate) fn all<T>(
        &self,
        make: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.rows.iter().map(|row| make(row)).collect()
    }

    /// What is made of the first row, where there is one.
    pub(crate) fn first<T>(
        &self,
        make: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.rows.first().map(|row| make(row)).transpose()
    }
}

/// A row, in the order of its columns.
struct D1Row(Vec<Cell>);

enum Cell {
    Null,
    Integer(i64),
    Text(String),
}

impl Row for D1Row {
    fn text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.0.get(column) {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Integer(_)) | None => Err(StoreError::Corrupt),
        }
    }

    fn integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(column) {
            Some(Cell::Integer(number)) => Ok(Some(*number)),
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(_)) | None => Err(StoreError::Corrupt),
        }
    }
}

impl<'de> Deserialize<'de> for D1Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = D1Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut columns: A) -> Result<D1Row, A::Error> {
        let mut cells = Vec::new();
        while let Some((_, cell)) = columns.next_entry::<String, Cell>()? {
            cells.push(cell);
        }
        Ok(D1Row(cells))
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyCell)
    }
}

/// A number that JavaScript may have rounded is none: it is refused, and never read wrong.
struct AnyCell;

impl Visitor<'_> for AnyCell {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, an integer that JavaScript holds, or a text")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Cell, E> {
        Ok(Cell::Text(text))
    }
}
