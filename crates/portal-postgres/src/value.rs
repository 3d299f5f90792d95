//! Values of a statement's parameters, each with its type.
//!
//! A statement has no name on the server, so that it rests on nothing that a session keeps; the types
//! go along with it.

use tokio_postgres::types::{ToSql, Type};

/// A value that knows its PostgreSQL type.
pub(crate) trait Value: Send + Sync {
    fn kind(&self) -> Type;
    fn as_sql(&self) -> &(dyn ToSql + Sync);
}

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
