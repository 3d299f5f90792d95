//! The inbox and the ledger on PostgreSQL, for any number of processes at once.
//!
//! The crate knows neither HTTP nor the meaning of events.

mod actions;
mod address;
mod address_error;
mod alerts;
mod connection;
pub mod import;
mod inbox;
mod jobs;
mod ledger;
mod options;
mod payouts;
mod reports;
mod rows;
mod schema;
mod slot;
mod store;
mod terms;
mod tls;
mod value;

pub use address::DatabaseAddress;
pub use address_error::AddressError;
pub use schema::VERSION as SCHEMA_VERSION;
pub use store::PostgresStore;
