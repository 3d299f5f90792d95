//! PostgreSQL servers and what stands in front of them.

mod guard;
mod pooler;
mod proxy;
mod server;
mod tls;

use std::sync::OnceLock;

use portal_testkit::postgres::Cluster;

/// Returns the server that these tests share and do not harm.
fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start().unwrap())
}
