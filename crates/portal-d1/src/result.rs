//! D1's result of a statement.

use std::fmt;

use portal_sqlite::sql::SqlValue;
use portal_sqlite::{ResultRow, StatementResult};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use worker::D1Result;

/// Reads what one statement of a batch came to.
pub(crate) fn statement_result(result: &D1Result) -> worker::Result<StatementResult> {
    let unsaid = || worker::Error::RustError("D1 did not say how many rows it changed".into());
    let changed = result.meta()?.and_then(|it| it.changes).ok_or_else(unsaid)?;
    let rows = result.results::<D1Row>()?.into_iter().map(|it| it.0).collect();
    Ok(StatementResult { rows, changed: changed as u64 })
}

/// A row as D1 sends it: an object whose columns are in their order.
struct D1Row(ResultRow);

struct Cell(SqlValue<'static>);

impl<'de> Deserialize<'de> for D1Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor).map(Self)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = ResultRow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut columns: A) -> Result<ResultRow, A::Error> {
        let mut values = Vec::new();
        while let Some((_, Cell(value))) = columns.next_entry::<String, Cell>()? {
            values.push(value);
        }
        Ok(ResultRow(values))
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyCell).map(Self)
    }
}

/// A number that JavaScript may have rounded is none: it is refused, and never read wrong.
struct AnyCell;

impl Visitor<'_> for AnyCell {
    type Value = SqlValue<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, an integer that JavaScript holds, or a text")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(SqlValue::Null)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(SqlValue::Integer(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(SqlValue::Text(text.to_owned().into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(SqlValue::Text(text.into()))
    }
}
