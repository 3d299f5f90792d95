//! The program as its users meet it: Stripe over HTTP, operators on the command line, readers of its
//! documents. SQLite and PostgreSQL keep the same promises.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not there fails the test"
)]

#[macro_use]
mod support;

mod health;
mod http_suite;
mod receive;

mod limits;
mod senders;
mod shutdown;

mod faults;
mod outages;
mod replicas;
mod service_manager;

mod console;

mod alerts;
mod reconcile;
mod staged;
mod traces;

mod cli;
mod docs;

mod canaries;
