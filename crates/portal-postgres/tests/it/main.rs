//! The store on PostgreSQL: its contract, and what is PostgreSQL's own.

#![expect(clippy::unwrap_used, reason = "what cannot be made fails its test")]

mod copying;
mod faults;
mod migration;
mod outage;
mod pages;
mod plans;
mod pooling;
mod sharing;
mod suites;
mod tls;

mod home;
