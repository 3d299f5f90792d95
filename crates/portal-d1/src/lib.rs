//! The inbox and the ledger on Cloudflare D1.
//!
//! D1 is SQLite behind a network, without interactive transactions: so each of the store's sentences
//! is one batch of the statements that `portal-sqlite` has for it. The crate does not know HTTP, nor
//! what an event means.

mod batch;
mod failure;
mod store;

pub use store::D1Store;
