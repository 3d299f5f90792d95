//! Stories of the money that Stripe keeps: its lines, its payouts, and what follows from them.

mod payments;
mod rest;

mod ends;
mod payouts;

mod misbehaving;
mod showing;

mod statements;
mod whereabouts;

pub(crate) use payments::{line_id, return_id};
pub use payouts::Schedule;
pub(crate) use showing::BALANCE_TYPES;
pub use statements::{Period, Statement};
pub use whereabouts::{Place, Whereabouts};
