//! A store against a model of one: events arrive, are decided anew, and get lost on the way, in
//! whatever order chance has it; after each step the store says what the model says.
//!
//! The model is naive on purpose. It keeps lists, and works everything out from the beginning each
//! time; it shares the domain's rule of what an event changes, and none of a store's queries.

mod books;
mod gifts;
mod inbox;
mod machine;
mod steps;
mod universe;

pub use machine::{Place, compare};
