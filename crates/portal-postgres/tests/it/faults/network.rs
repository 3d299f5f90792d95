//! The network between the store and its server hangs, is cut, or is slow.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use portal_contract::at;
use portal_domain::Recorded::Duplicate;
use portal_domain::{Inbox as _, StoreError};
use portal_postgres::PostgresStore;

use crate::faults::{SOON, is_survived, recovers, soon, through_a_proxy};
use crate::home::{NEW, address, cluster, eventually, record, works};

#[test]
fn a_network_that_hangs_is_given_up_in_time() {
    let (_home, proxy, store) = through_a_proxy();
    is_survived(&store, &StoreError::TimedOut, || proxy.hang(), || proxy.pass());
}

#[test]
fn a_network_that_hangs_while_a_connection_is_made_is_given_up_in_time() {
    let (home, proxy, store) = through_a_proxy();
    let url = cluster().url_through(&proxy, home.database());
    proxy.cut();
    proxy.hang();
    assert_eq!(soon(store.ping(at(0))), Err(StoreError::TimedOut));
    has_timed_out(&url);
}

#[test]
fn a_server_that_hangs_after_the_handshake_is_given_up_in_time() {
    let (home, proxy, store) = through_a_proxy();
    // A new connection reads the version of the schema first.
    home.other_program.run("begin; lock table schema_version in access exclusive mode");
    proxy.cut();
    proxy.pass();
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(store.ping(at(0))));
        home.other_program.wait_for_waiting(1);
        proxy.hang();
        assert_eq!(answer.join().unwrap(), Err(StoreError::TimedOut));
    });
    has_timed_out(home.url());
    home.other_program.run("commit");
    proxy.pass();
    recovers(&store);
}

#[test]
fn a_network_that_is_cut_is_unreachable_until_it_is_mended() {
    let (_home, proxy, store) = through_a_proxy();
    is_survived(&store, &StoreError::Unreachable, || proxy.cut(), || proxy.pass());
}

#[test]
fn a_slow_network_is_slow_and_nothing_else() {
    let (_home, proxy, store) = through_a_proxy();
    works(&store, "before");
    proxy.slow(Duration::from_millis(30));
    assert_eq!(record(&store, &["before", "during"]), Ok(vec![Duplicate, NEW]));
    proxy.cut();
    proxy.slow(Duration::from_millis(30));
    assert!(eventually(|| soon(store.ping(at(0))).is_ok()), "it connects as well");
}

/// Asserts that opening a store times out.
fn has_timed_out(url: &str) {
    for open in [PostgresStore::open, PostgresStore::open_as_it_is] {
        let (address, (answer, answered)) = (address(url), mpsc::channel());
        thread::spawn(move || answer.send(open(&address).err()));
        let refused = answered.recv_timeout(SOON).unwrap();
        assert!(matches!(refused, Some(StoreError::TimedOut | StoreError::Busy)), "{refused:?}");
    }
}
