//! The inbox and the ledger in SQLite's SQL.
//!
//! Migrations, statements and the store's operations are for every database that speaks it, behind an
//! executor; the executor here is for machines that have files. The crate does not know HTTP, nor what
//! an event means.

pub mod sql;

mod executor;
mod store;

#[cfg(not(target_family = "wasm"))]
mod backup;
#[cfg(not(target_family = "wasm"))]
mod checkpoint;
#[cfg(not(target_family = "wasm"))]
mod connection;
#[cfg(not(target_family = "wasm"))]
mod damage;
#[cfg(not(target_family = "wasm"))]
pub mod export;
#[cfg(not(target_family = "wasm"))]
mod files;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(not(target_family = "wasm"))]
mod read_limit;
#[cfg(not(target_family = "wasm"))]
mod restore;
#[cfg(not(target_family = "wasm"))]
mod run;
#[cfg(not(target_family = "wasm"))]
mod slot;
#[cfg(not(target_family = "wasm"))]
mod write;

pub use executor::{Executor, MakeValue, Reading, ResultRow, StatementResult, Writing};
pub use store::SqlStore;

#[cfg(not(target_family = "wasm"))]
pub use backup::{Copied, CopyError, backup, partial_of};
#[cfg(not(target_family = "wasm"))]
pub use damage::quick_check;
#[cfg(not(target_family = "wasm"))]
pub use files::{files_of, has_database, size_bytes, trace_of_database};
#[cfg(not(target_family = "wasm"))]
pub use native::{SqliteExecutor, SqliteStore};
#[cfg(not(target_family = "wasm"))]
pub use read_limit::ReadLimit;
#[cfg(not(target_family = "wasm"))]
pub use restore::{DatabaseUser, FileOwner, Restored, log_beside, owner_of_data, restore, user_of};
