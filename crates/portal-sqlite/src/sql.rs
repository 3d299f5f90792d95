//! The SQL text: migrations, and for each of the store's operations the statements that do it.
//!
//! They need no answer of one another, so that they can be sent together, as one transaction, to a
//! database that is elsewhere.

mod guard;

pub mod alerts;
pub mod donations;
pub mod hours;
pub mod inbox;
pub mod jobs;
pub mod keep;
pub mod ledger;
pub mod reports;
mod statement;

pub use statement::{SqlValue, Statement};

/// The most terms that D1 takes in one compound select, as workerd limits it.
pub(crate) const COMPOUND_SELECT_MAX: usize = 5;

/// Each brings the schema from its index to the next version. Until the first release there is one,
/// which may be edited; from then on they are appended, because a database in the field has run them.
pub const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_schema.sql")];
