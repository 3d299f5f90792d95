//! The contracts of a store and of a host, as cases that the tests of each run.
//!
//! The name of a case is a sentence of its contract. A case of a store is an async function over a
//! fresh one; the crate knows no store and no runtime: the tests of a store define how a fresh one is
//! made and run. A case of a [host] sends requests to it.

mod samples;

pub mod stripe;

mod fixtures;

pub mod store;

pub mod stories;

#[cfg(not(target_family = "wasm"))]
pub mod model;

mod suites;

mod by_name;

mod lossy;

mod fakes;

#[cfg(not(target_family = "wasm"))]
pub mod host;

#[cfg(not(target_family = "wasm"))]
pub mod console;

pub use by_name::{Case, case, names, orders_of, run};
pub use fakes::{FakeChance, FakeClock};
pub use futures::executor::block_on;
pub use lossy::{Call, Lossy};
pub use portal_domain::Store;
pub use samples::{UNREADABLE, an_event, at, batch, emptying, everything, facts, text, those};
pub use store::paying_out::know_a_month;
pub use store::{broken, each_payment_is_there_at_once};
#[cfg(not(target_family = "wasm"))]
pub use suites::orders_max;
