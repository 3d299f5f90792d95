//! The contract of the stand-in with the authors of tests.

#![expect(clippy::indexing_slicing, reason = "what is not there fails a test")]

pub(crate) mod client;

mod deliveries;
mod donations;
mod faults;
mod lists;
mod pages;
mod payouts;
mod payouts_add_up;
mod rarer;
mod refusals;
mod shapes;
mod versions;
