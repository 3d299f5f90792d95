//! The inbox and the ledger on SQLite.
//!
//! Migrations and statements are SQL text that any host may run; the driver is for machines that
//! have files. The crate does not know HTTP, nor what an event means.

pub mod sql;

#[cfg(not(target_family = "wasm"))]
mod backup;
#[cfg(not(target_family = "wasm"))]
mod checkpoint;
#[cfg(not(target_family = "wasm"))]
mod connection;
#[cfg(not(target_family = "wasm"))]
pub mod export;
#[cfg(not(target_family = "wasm"))]
mod run;
#[cfg(not(target_family = "wasm"))]
mod slot;
#[cfg(not(target_family = "wasm"))]
mod store;
#[cfg(not(target_family = "wasm"))]
mod write;

#[cfg(not(target_family = "wasm"))]
pub use backup::{Copied, backup, partial_of};
#[cfg(not(target_family = "wasm"))]
pub use store::SqliteStore;
