//! Reconciliation with a stand-in for Stripe, which was written from Stripe's documentation.

#[expect(dead_code, reason = "each file of tests needs another part")]
#[path = "../support/mod.rs"]
mod support;

mod backlog;
mod command;
mod event_types;
mod ledger;
mod model;
mod rarer;
mod stripe_job;
mod thin;
mod world;
