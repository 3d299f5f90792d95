//! Temporary PostgreSQL servers, a faulty proxy and poolers, for tests and tasks.
//!
//! The crate finds, starts, harms and removes servers, even if the process that started them is
//! killed. It knows no table, no store and no client library, and ships nowhere.

mod cluster;
mod database;
mod faults;
mod pgbouncer;
mod pooler;
mod proxy;
mod service;

mod make;
mod serve;
mod tls;

mod binaries;
mod failure;
mod guard;
mod install;
mod processes;
mod user;

pub use binaries::Binaries;
pub use cluster::{Cluster, Durability, PASSWORD, USER};
pub use failure::Failure;
pub use pgbouncer::{PgBouncer, PoolMode};
pub use pooler::{Manner, Pooler};
pub use proxy::Proxy;
pub use service::{Database, Held, SERVICE_PASSWORD, SERVICE_USER, shared, start};
