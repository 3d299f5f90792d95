//! Something in between takes a transaction apart, or changes its settings: nothing is recorded.

use portal_domain::{Store as _, StoreError};
use portal_postgres::PostgresStore;
use portal_store_suite::{at, block_on};
use portal_test_postgres::Manner;

use crate::home::{address, ids};
use crate::{gifts, pooled, store};

#[test]
fn a_record_that_would_commit_sooner_than_it_is_durable_fails_and_leaves_nothing() {
    let (home, pooler) = pooled(Manner::CommittingSooner);
    let store = store(&pooler);
    let lost = StoreError::SettingLost { name: "synchronous_commit", found: "off".into() };
    assert_eq!(block_on(store.ping(at(0))), Err(lost.clone()));
    assert_eq!(block_on(store.record(&gifts(&["1".into()]), at(0))), Err(lost));
    assert_eq!(ids(&home.store), Ok(vec![]));
    assert!(block_on(store.backlog()).is_ok(), "reading goes on");
}

#[test]
fn a_pooler_that_pools_by_statement_is_refused_before_anything_is_recorded() {
    let (_home, pooler) = pooled(Manner::ByStatement);
    let words = "transaction blocks not allowed in statement pooling mode (SQLSTATE 08P01)";
    for open in [PostgresStore::open, PostgresStore::open_as_it_is] {
        let refused = open(&address(&pooler.url())).err();
        assert_eq!(refused, Some(StoreError::Failed(words.into())));
    }
}
