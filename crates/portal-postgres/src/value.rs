//! The values of parameters, each with its type.
//!
//! Statements have no names on the server, because a pooler may change the session; so the types are
//! sent with each statement.

use tokio_postgres::types::{ToSql, Type};

/// A value that knows its PostgreSQL type.
pub(crate) trait Value: Send + Sync {
    fn kind(&self) -> Type;
    fn as_sql(&self) -> &(dyn ToSql + Sync);
}

/// The values of an array parameter.
pub(crate) type Column<'v> = Box<dyn Value + 'v>;

/// Collects rows into columns, one for each expression.
macro_rules! columns {
    ($rows:expr, |$row:ident| [$($value:expr),* $(,)?]) => {
        [$(Box::new($rows.map(|$row| $value).collect::<Vec<_>>()) as $crate::value::Column<'_>),*]
    };
}
pub(crate) use columns;

macro_rules! values {
    ($($rust:ty => $kind:ident, $array:ident;)*) => {$(
        impl Value for $rust {
            fn kind(&self) -> Type { Type::$kind }
            fn as_sql(&self) -> &(dyn ToSql + Sync) { self }
        }
        impl Value for Option<$rust> {
            fn kind(&self) -> Type { Type::$kind }
            fn as_sql(&self) -> &(dyn ToSql + Sync) { self }
        }
        impl Value for Vec<$rust> {
            fn kind(&self) -> Type { Type::$array }
            fn as_sql(&self) -> &(dyn ToSql + Sync) { self }
        }
        impl Value for Vec<Option<$rust>> {
            fn kind(&self) -> Type { Type::$array }
            fn as_sql(&self) -> &(dyn ToSql + Sync) { self }
        }
    )*};
}

values! {
    bool => BOOL, BOOL_ARRAY;
    i32 => INT4, INT4_ARRAY;
    i64 => INT8, INT8_ARRAY;
    &str => TEXT, TEXT_ARRAY;
    String => TEXT, TEXT_ARRAY;
}
