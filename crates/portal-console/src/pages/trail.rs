//! The trail: who did what, and what came of it; as a file too.

mod file;
mod filter;
mod list;

pub(crate) use file::{trail_csv, trail_json};
pub(crate) use filter::action_filter;
pub(crate) use list::trail;
