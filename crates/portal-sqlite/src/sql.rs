//! The SQL text: migrations, and for each of the store's sentences the statements that do it.
//!
//! They need no answer of one another, so that they can be sent together, as one transaction, to a
//! database that is elsewhere.

pub mod alerts;
pub mod fetching;
pub mod inbox;
pub mod ledger;
pub mod reconciling;
mod statement;

pub use statement::{Statement, Value};

/// Each brings the schema from its index to the next version. Append only: a database in the field
/// has run the older ones.
pub const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_inbox.sql"),
    include_str!("../migrations/0002_ledger.sql"),
    include_str!("../migrations/0003_reconcile.sql"),
];
