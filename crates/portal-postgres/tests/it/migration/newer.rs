//! A schema that a program of the next version has migrated.

use portal_contract::{at, block_on};
use portal_domain::Recorded::Duplicate;
use portal_domain::{Inbox as _, StoreError};
use portal_postgres::{PostgresStore, SCHEMA_VERSION};

use crate::home::{NEW, TestHome, address, eventually, ids, record, works};

#[test]
fn a_service_goes_on_beside_a_newer_schema_that_serves_it() {
    let home = TestHome::new();
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![NEW]));
    a_newer_program_migrates(&home, SCHEMA_VERSION);
    works(&home.store, "evt_2");

    home.other_program.cut_all();
    assert!(eventually(|| record(&home.store, &["evt_3"]).is_ok()));
    works(&home.store, "evt_4");
    works(&home.another_store(), "evt_5");
    works(&PostgresStore::open(&address(home.url())).unwrap(), "evt_6");
    assert_eq!(home.other_program.ask("select count(*) from event where tenant = 'one'"), "6");
    let steps = "select count(*) from schema_version";
    assert_eq!(home.other_program.ask(steps), (SCHEMA_VERSION + 1).to_string());
}

#[test]
fn a_newer_schema_that_does_not_serve_it_is_too_new_until_the_older_one_is_back() {
    let home = TestHome::new();
    let store = &home.store;
    assert_eq!(record(store, &["evt_1"]), Ok(vec![NEW]));
    let (found, known) = (SCHEMA_VERSION + 1, SCHEMA_VERSION);
    let too_new = StoreError::TooNew { found, known };
    a_newer_program_migrates(&home, found);
    home.other_program.cut_all();

    assert!(eventually(|| record(store, &["evt_2"]) == Err(too_new.clone())));
    assert_eq!(record(store, &["evt_2"]), Err(too_new.clone()));
    assert_eq!(block_on(store.ping(at(0))), Err(too_new.clone()));
    assert_eq!(ids(store), Err(too_new.clone()));
    assert_eq!(PostgresStore::open(&address(home.url())).err(), Some(too_new.clone()));
    assert_eq!(PostgresStore::open_as_it_is(&address(home.url())).err(), Some(too_new));
    assert_eq!(home.other_program.ask("select count(*) from event"), "1");
    assert_eq!(home.other_program.ask("select count(*) from heartbeat"), "0");
    let last = "select max(version) from schema_version";
    assert_eq!(home.other_program.ask(last), found.to_string());

    home.other_program.run(&format!("delete from schema_version where version = {found}"));
    assert_eq!(record(store, &["evt_1", "evt_2"]), Ok(vec![Duplicate, NEW]));
}

/// Adds a migration that programs since schema version `serves_since` can work with.
fn a_newer_program_migrates(home: &TestHome, serves_since: u32) {
    home.other_program.run(&format!(
        "begin;
         alter table event add column tenant text not null default 'one';
         alter table fetch_queue add column tenant text not null default 'one';
         alter table payment add column tenant text;
         create index event_tenant on event (tenant, seq);
         insert into schema_version (version, serves_since) values ({}, {serves_since});
         commit",
        SCHEMA_VERSION + 1
    ));
}
