//! A store compared with a model: random steps record and reprocess events and lose answers; after
//! each step the store and the model must have the same content.
//!
//! The model is naive on purpose. It keeps lists and derives everything from the beginning each time.
//! It shares the domain's rules of an event's changes, but none of a store's queries.

mod books;
mod gifts;
mod inbox;
mod machine;
mod rows;
mod steps;
mod universe;

pub use machine::{Place, compare};
