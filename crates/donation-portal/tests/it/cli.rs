//! The command line as operators and developers use it.

#[macro_use]
mod transcript;

mod actions;
mod alerts;
mod backup;
mod configuration;
mod copy;
mod dev;
mod doctor;
mod donations;
mod events;
mod export;
mod health;
mod help;
mod ledger;
mod ledger_check;
mod misuse;
mod payouts;
mod postgres;
mod prune;
mod reconcile;
mod refusals;
mod restore;
mod retry_and_ignore;
mod send;
mod status;
mod totals;
mod verify;
