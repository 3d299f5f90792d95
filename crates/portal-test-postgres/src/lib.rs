//! Throw-away PostgreSQL servers, a proxy that misbehaves and poolers, for tests and tasks.
//!
//! The crate decides how a server of its own is found, made, hurt and removed again, even when the
//! process that asked for it is killed. It does not know a table, a store or a client library, and
//! ships nowhere.

mod cluster;
mod database;
mod faults;
mod pgbouncer;
mod pooler;
mod proxy;

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
pub use database::Database;
pub use failure::Failure;
pub use pgbouncer::{PgBouncer, PoolMode};
pub use pooler::{Manner, Pooler};
pub use proxy::Proxy;
