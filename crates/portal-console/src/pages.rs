//! The pages, a file each.

mod donation_files;
mod donations;
mod overview;

pub(crate) use donation_files::{donations_csv, donations_json};
pub(crate) use donations::donations;
pub(crate) use overview::overview;
