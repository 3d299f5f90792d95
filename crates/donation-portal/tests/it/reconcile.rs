//! Reconciliation with a stand-in for Stripe, which was written from Stripe's documentation.

mod backlog;
mod event_types;
mod ledger;
mod model;
mod payouts;
mod rarer;
mod requested;
mod stripe_job;
mod thin;
mod world;
