//! A store ends or falls silent while it records.

use std::thread;

use portal_contract::stripe::{new, refund};
use portal_contract::{at, batch, block_on};
use portal_domain::{Inbox as _, StoreError};
use portal_postgres::PostgresStore;
use portal_testkit::postgres::Proxy;

use crate::home::{NEW, TestHome, address, cluster, eventually};

#[test]
fn a_store_that_dies_while_it_records_keeps_nobody_waiting() {
    let home = TestHome::new();
    let dying = home.another_store();
    let wanted = batch([new(1, "refund.created", refund("re_1", "pi_1", "pending", 1)).event()]);
    home.other_program.run("begin; lock table refund in access exclusive mode");
    thread::scope(|scope| {
        let ended = scope.spawn(|| block_on(dying.record(&wanted, at(0))));
        home.other_program.wait_for_waiting(1);
        home.other_program.cut_all();
        assert_eq!(ended.join().unwrap(), Err(StoreError::Unreachable));
    });
    home.other_program.run("commit");
    drop(dying);
    assert!(eventually(|| block_on(home.store.record(&wanted, at(0))) == Ok(vec![NEW])));
}

#[test]
fn a_store_that_falls_silent_while_it_records_keeps_nobody_waiting_for_long() {
    let home = TestHome::new();
    let proxy = Proxy::start(cluster().address()).unwrap();
    let url = cluster().url_through(&proxy, home.database());
    let silent = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    let wanted = batch([new(1, "refund.created", refund("re_1", "pi_1", "pending", 1)).event()]);
    // The events are inserted, but not yet all of their changes.
    home.other_program.run("begin; lock table refund in access exclusive mode");
    thread::scope(|scope| {
        let ended = scope.spawn(|| block_on(silent.record(&wanted, at(0))));
        home.other_program.wait_for_waiting(1);
        proxy.hang();
        home.other_program.run("commit");
        assert_eq!(block_on(home.store.record(&wanted, at(0))), Err(StoreError::Busy));
        assert_eq!(ended.join().unwrap(), Err(StoreError::TimedOut));
    });
    assert!(eventually(|| block_on(home.store.record(&wanted, at(0))) == Ok(vec![NEW])));
}
