//! The server has reached its maximum of connections.

use portal_contract::{at, everything};
use portal_domain::Recorded::Duplicate;
use portal_domain::{Inbox as _, StoreError};
use portal_postgres::PostgresStore;
use portal_testkit::postgres::Cluster;

use crate::faults::{as_role, may_work, recovers, soon};
use crate::home::other_program::OtherProgram;
use crate::home::{NEW, TestHome, address, eventually, record};

#[test]
fn a_server_without_room_for_another_connection_is_crowded() {
    let cluster = Cluster::start_with(&[("max_connections", "12")]).unwrap();
    let home = TestHome::on(&cluster);
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![NEW]));
    let others = all_there_are(&cluster.url("postgres"));
    assert_eq!(record(&home.store, &["evt_2"]), Ok(vec![NEW]), "a connection that is there stays");
    home.other_program.cut_all();
    let others = (others, all_there_are(&cluster.url("postgres")));

    let crowded = StoreError::TooManyConnections;
    assert!(eventually(|| record(&home.store, &["evt_3"]) == Err(crowded.clone())));
    assert_eq!(soon(home.store.events(&everything())), Err(crowded.clone()));
    let refused = PostgresStore::open_as_it_is(&address(home.url())).err();
    assert_eq!(refused, Some(crowded));

    drop(others);
    recovers(&home.store);
    assert_eq!(record(&home.store, &["evt_1", "evt_3"]), Ok(vec![Duplicate, NEW]));
}

#[test]
fn the_limit_of_a_role_is_crowded_too() {
    let home = TestHome::new();
    let url = as_role(&home, "counted", "connection limit 1");
    may_work(&home.other_program, "counted");
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    assert_eq!(soon(store.ping(at(0))), Err(StoreError::TooManyConnections));
}

/// Opens all connections that the server has left.
fn all_there_are(url: &str) -> Vec<OtherProgram> {
    std::iter::from_fn(|| OtherProgram::try_connect(url)).collect()
}
