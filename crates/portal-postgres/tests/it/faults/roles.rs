//! Roles with too few rights.

use portal_domain::StoreError;
use portal_postgres::PostgresStore;

use crate::faults::{as_role, may_work};
use crate::home::{NEW, TestHome, address, record, works};

#[test]
fn a_role_that_may_not_create_a_schema_is_denied() {
    let home = TestHome::new();
    home.other_program.run("drop schema donation_portal cascade");
    let url = as_role(&home, "maker", "");
    let denied = PostgresStore::open(&address(&url)).err().unwrap();
    assert!(matches!(denied, StoreError::AccessDenied(_)), "{denied:?}");

    home.other_program.run("create schema donation_portal authorization maker");
    let store = PostgresStore::open(&address(&url)).unwrap();
    works(&store, "evt_1");
}

#[test]
fn a_role_that_may_only_use_the_schema_works_with_it() {
    let home = TestHome::new();
    let url = as_role(&home, "worker", "");
    let denied = PostgresStore::open_as_it_is(&address(&url)).err().unwrap();
    assert!(matches!(denied, StoreError::AccessDenied(_)), "{denied:?}");

    may_work(&home.other_program, "worker");
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    works(&store, "evt_1");
    assert!(PostgresStore::open(&address(&url)).is_ok(), "there is nothing to migrate");

    home.other_program.run("revoke insert on event from worker");
    let denied = record(&store, &["evt_2"]);
    assert!(matches!(denied, Err(StoreError::AccessDenied(_))), "{denied:?}");
    home.other_program.run("grant insert on event to worker");
    assert_eq!(record(&store, &["evt_2"]), Ok(vec![NEW]));
}
