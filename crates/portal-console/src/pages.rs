//! The pages, a file each.

pub(crate) mod alerts;
mod deliveries;
pub(crate) mod donations;
pub(crate) mod events;
mod go;
mod overview;
pub(crate) mod reports;
mod statement;
mod trail;

pub(crate) use deliveries::deliveries;
pub(crate) use go::go;
pub(crate) use overview::overview;
pub(crate) use statement::statement;
pub(crate) use trail::trail;
