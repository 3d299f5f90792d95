//! The executor on Cloudflare D1.
//!
//! D1 is SQLite behind a network, without interactive transactions: so each of the store's operations
//! is one batch of the statements that `portal-sqlite` has for it. The crate does not know HTTP, nor
//! what an event means.

mod executor;
mod failure;
mod result;

pub use executor::{D1Executor, D1Store};
pub use portal_sqlite::sql::SCHEMA_VERSION;
