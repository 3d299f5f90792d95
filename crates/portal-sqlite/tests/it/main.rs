//! The store on SQLite: its contract, and what is SQLite's own.

#![expect(clippy::unwrap_used, reason = "what cannot be made fails its test")]

mod delivery_history;
mod faults;
mod log;
mod migration;
mod read_limit;
mod schema;
mod sharing;
mod suites;

mod home;
mod noting;
mod quick;
