//! One file for each command.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod dev;
pub(crate) mod events;
pub(crate) mod migrate;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod verify;
