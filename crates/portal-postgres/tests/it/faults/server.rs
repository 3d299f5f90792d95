//! The server ends, is suspended, or changes.

use std::fs;

use portal_contract::at;
use portal_domain::Recorded::Duplicate;
use portal_domain::{Inbox as _, Jobs as _, StoreError};
use portal_postgres::PostgresStore;
use portal_testkit::postgres::Cluster;

use crate::faults::{is_survived, recovers, soon};
use crate::home::other_program::OtherProgram;
use crate::home::{NEW, TestHome, address, cluster, eventually, ids, record, works};

#[test]
fn a_server_that_is_stopped_is_unreachable_until_it_is_back() {
    let cluster = Cluster::start().unwrap();
    let home = TestHome::on(&cluster);
    is_survived(
        &home.store,
        &StoreError::Unreachable,
        || cluster.stop().unwrap(),
        || cluster.start_again().unwrap(),
    );
}

#[test]
fn a_server_that_is_killed_has_lost_nothing_when_it_is_back() {
    let cluster = Cluster::start().unwrap();
    let home = TestHome::on(&cluster);
    is_survived(
        &home.store,
        &StoreError::Unreachable,
        || cluster.kill().unwrap(),
        || cluster.start_again().unwrap(),
    );
}

#[test]
fn a_server_that_was_started_anew_is_found_without_an_error_after_a_moment() {
    let cluster = Cluster::start().unwrap();
    let home = TestHome::on(&cluster);
    works(&home.store, "before");
    cluster.stop().unwrap();
    cluster.start_again().unwrap();
    // By then the store has noticed the end of the old connections.
    works(&home.store, "after");
}

#[test]
fn a_server_that_stands_still_is_given_up_in_time() {
    let cluster = Cluster::start().unwrap();
    let home = TestHome::on(&cluster);
    is_survived(
        &home.store,
        &StoreError::TimedOut,
        || cluster.pause().unwrap(),
        || cluster.resume().unwrap(),
    );
}

#[test]
fn a_server_that_became_a_standby_is_read_only_until_it_leads_again() {
    let cluster = Cluster::start().unwrap();
    let home = TestHome::on(&cluster);
    works(&home.store, "before");
    cluster.stop().unwrap();
    fs::write(cluster.folder().join("data/standby.signal"), "").unwrap();
    cluster.start_again().unwrap();

    let read_only = StoreError::ReadOnly;
    assert!(eventually(|| record(&home.store, &["evt_1"]) == Err(read_only.clone())));
    assert_eq!(soon(home.store.ping(at(0))), Err(read_only.clone()));
    assert_eq!(soon(home.store.prune(at(0), 1)), Err(read_only));
    assert_eq!(ids(&home.store), Ok(vec!["before".into()]));
    assert_eq!(PostgresStore::open(&address(home.url())).err(), None, "it can be read");

    assert_eq!(cluster.psql("postgres", "select pg_promote()").unwrap(), "t");
    recovers(&home.store);
    assert_eq!(record(&home.store, &["before", "evt_1"]), Ok(vec![Duplicate, NEW]));
}

#[test]
fn a_database_that_was_made_read_only_is_and_stays_so() {
    let home = TestHome::new();
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![NEW]));
    // A provider does this when the disk is nearly full, an operator before a migration.
    let set = |what: &str| {
        let database = home.database();
        home.other_program.run(&format!("alter database {database} {what}"));
        home.other_program.cut_all();
    };
    set("set default_transaction_read_only = on");
    let read_only = StoreError::ReadOnly;
    assert!(eventually(|| record(&home.store, &["evt_2"]) == Err(read_only.clone())));
    assert_eq!(soon(home.store.ping(at(0))), Err(read_only.clone()));
    assert_eq!(soon(home.store.prune(at(0), 1)), Err(read_only));
    assert_eq!(ids(&home.store), Ok(vec!["evt_1".into()]));

    set("reset default_transaction_read_only");
    recovers(&home.store);
    assert_eq!(record(&home.store, &["evt_1", "evt_2"]), Ok(vec![Duplicate, NEW]));
}

#[test]
fn a_database_that_was_taken_away_is_missing_until_it_is_back() {
    let home = TestHome::new();
    let (store, database) = (&home.store, home.database());
    works(store, "before");
    let elsewhere = OtherProgram::connect(&cluster().url("postgres"));
    elsewhere.run(&format!("alter database {database} allow_connections false"));
    home.other_program.cut_all();
    elsewhere.run(&format!(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{database}'"
    ));
    elsewhere.run(&format!("alter database {database} rename to {database}_aside"));
    assert!(eventually(|| record(store, &["evt_1"]) == Err(StoreError::Missing)));
    assert_eq!(ids(store), Err(StoreError::Missing));
    let open = PostgresStore::open(&address(home.url())).err();
    assert_eq!(open, Some(StoreError::Missing), "none is made in its place");

    elsewhere.run(&format!("alter database {database}_aside rename to {database}"));
    elsewhere.run(&format!("alter database {database} allow_connections true"));
    recovers(store);
    assert_eq!(record(store, &["before", "evt_1"]), Ok(vec![Duplicate, NEW]));
}

#[test]
fn a_limit_that_the_server_sets_to_whole_transactions_is_a_timeout() {
    let home = TestHome::new();
    // PostgreSQL 17 has `transaction_timeout`; here the same code comes on any version.
    home.other_program.run(
        "create function too_long() returns trigger language plpgsql as
             'begin raise exception ''terminating connection'' using errcode = ''25P04''; end';
         create trigger too_long before insert on event execute function too_long()",
    );
    assert_eq!(record(&home.store, &["evt_1"]), Err(StoreError::TimedOut));
    home.other_program.run("drop trigger too_long on event");
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![NEW]));
}
