//! PostgreSQL servers and what stands in front of them.

mod guard;
mod pooler;
mod proxy;
mod server;
mod tls;
