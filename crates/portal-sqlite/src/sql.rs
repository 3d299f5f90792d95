//! The SQL text of migrations, and statements with their values.
//!
//! Each of the store's operations has its statements beside it. They need no answer of one another,
//! so that they can be sent together, as one transaction, to a database that is elsewhere.

pub(crate) mod guard;
mod statement;

pub(crate) use statement::values;
pub use statement::{SqlValue, Statement};

/// Each brings the schema from its index to the next version. Until the first release there is one,
/// which may be edited; from then on they are appended, because a database in the field has run them.
pub const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_schema.sql")];

/// The schema version that this program brings.
#[expect(clippy::cast_possible_truncation, reason = "a handful")]
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;
