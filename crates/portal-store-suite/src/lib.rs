//! The contract of a store, as cases that each store's tests run.
//!
//! A case is an async function over a fresh store; its name is a sentence of the contract. The crate
//! knows no store and no runtime: the tests of a store say how a fresh one is made and what drives
//! it.

mod samples;

pub mod recording;

pub mod reading;

pub mod listing;

pub mod finding;

pub mod readiness;

pub mod losing;

mod fixtures;

pub mod accounting;

mod at_once;

pub mod isolating;

pub mod reprocessing;

pub mod selecting;

pub mod broken;

pub mod backlog;

pub mod delivery_history;

pub mod pruning;

pub mod alerting;

pub mod notifications;

pub mod notifying;

pub mod donating;

pub mod itemizing;

pub mod keeping;

pub mod fetching;

pub mod confirming;

pub mod jobs;

pub mod spending;

pub mod reports;

pub mod stripe;

pub mod stories;

#[cfg(not(target_family = "wasm"))]
pub mod model;

mod conformance;

mod by_name;

mod lossy;

mod fakes;

pub use at_once::each_payment_is_there_at_once;
pub use by_name::{names, run};
pub use fakes::{FakeChance, FakeClock};
pub use futures::executor::block_on;
pub use lossy::{Call, Lossy};
pub use portal_domain::Store;
pub use samples::{UNREADABLE, an_event, at, batch, everything, facts, text};
