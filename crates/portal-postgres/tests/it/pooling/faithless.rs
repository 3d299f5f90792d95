//! Behind a pooler that splits transactions or changes their settings nothing is recorded.

use portal_contract::{at, block_on};
use portal_domain::{Inbox as _, Reports as _, StoreError};
use portal_postgres::PostgresStore;
use portal_testkit::postgres::{Manner, PgBouncer, PoolMode, Pooler};

use crate::home::{TestHome, address, cluster, ids};
use crate::pooling::{Front, SESSIONS, gifts, pooled};

#[test]
fn a_record_that_would_commit_sooner_than_it_is_durable_fails_and_leaves_nothing() {
    let (home, pooler) = pooled(|database| Front::Kit(kit(database, Manner::CommittingSooner)));
    let store = pooler.store();
    let lost = StoreError::SettingLost { name: "synchronous_commit", found: "off".into() };
    assert_eq!(block_on(store.ping(at(0))), Err(lost.clone()));
    assert_eq!(block_on(store.record(&gifts(&["1".into()]), at(0))), Err(lost));
    assert_eq!(ids(&home.store), Ok(vec![]));
    assert!(block_on(store.backlog()).is_ok(), "reading goes on");
}

#[test]
fn a_pooler_that_pools_by_statement_is_refused_before_anything_is_recorded() {
    let home = TestHome::new();
    let kit = kit(home.database(), Manner::ByStatement);
    let pgbouncer =
        PgBouncer::start(cluster(), home.database(), SESSIONS, PoolMode::Statement).unwrap();
    let words = "transaction blocks not allowed in statement pooling mode (SQLSTATE 08P01)";
    for url in [kit.url(), pgbouncer.url()] {
        for open in [PostgresStore::open, PostgresStore::open_as_it_is] {
            let refused = open(&address(&url)).err();
            assert_eq!(refused, Some(StoreError::Failed(words.into())));
        }
    }
}

fn kit(database: &str, manner: Manner) -> Pooler {
    Pooler::start(cluster(), database, SESSIONS, manner).unwrap()
}
