//! The inbox and the ledger on PostgreSQL, for any number of processes at once.
//!
//! The crate knows neither HTTP nor the meaning of events.

mod address;
mod address_error;
mod alerts;
mod changes;
mod connection;
mod fetching;
mod hours;
pub mod import;
mod inbox;
mod ledger;
mod operating;
mod reconciling;
mod rows;
mod schema;
mod slot;
mod sql;
mod store;
mod terms;
mod tls;
mod value;

pub use address::DatabaseAddress;
pub use address_error::AddressError;
pub use schema::VERSION as SCHEMA_VERSION;
pub use store::PostgresStore;
