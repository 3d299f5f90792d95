//! The pages, a file each.

mod overview;

pub(crate) use overview::overview;
