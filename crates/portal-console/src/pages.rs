//! The pages, a file each.

pub(crate) mod alerts;
mod deliveries;
pub(crate) mod doctor;
pub(crate) mod donations;
pub(crate) mod endpoint;
pub(crate) mod events;
mod go;
mod inspecting;
mod overview;
pub(crate) mod payouts;
pub(crate) mod reports;
mod settings;
pub(crate) mod statement;
pub(crate) mod trail;

pub(crate) use deliveries::deliveries;
pub(crate) use go::go;
pub(crate) use overview::overview;
pub(crate) use settings::settings;
