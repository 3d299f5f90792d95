//! The donations: all of a filter with their sum, as a file too, and each by itself.

mod download;
mod file;
mod filter;
mod history;
mod lines;
mod list;
mod one;

pub(crate) use download::{donations_csv, donations_json};
pub(crate) use list::donations;
pub(crate) use one::donation;
