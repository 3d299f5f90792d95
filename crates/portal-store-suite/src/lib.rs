//! The contract of a store, as cases that each store's tests run.
//!
//! A case is an async function over a fresh store; its name is a sentence of the contract. The crate
//! knows no store and no runtime: the tests of a store define how a fresh one is made and run.

mod samples;

mod recording;

mod reading;

mod listing;

mod finding;

mod readiness;

mod losing;

mod fixtures;

mod accounting;

mod at_once;

mod isolating;

mod reprocessing;

mod selecting;

pub mod broken;

mod backlog;

mod delivery_history;

mod pruning;

mod alerting;

mod notifications;

mod notifying;

mod donating;

mod itemizing;

mod keeping;

mod fetching;

mod confirming;

mod jobs;

mod spending;

mod reports;

pub mod stripe;

pub mod stories;

#[cfg(not(target_family = "wasm"))]
pub mod model;

mod conformance;

mod suites;

mod by_name;

mod lossy;

mod fakes;

pub use at_once::each_payment_is_there_at_once;
pub use by_name::{Case, case, names, run};
pub use fakes::{FakeChance, FakeClock};
pub use futures::executor::block_on;
pub use lossy::{Call, Lossy};
pub use portal_domain::Store;
pub use samples::{UNREADABLE, an_event, at, batch, everything, facts, text};
