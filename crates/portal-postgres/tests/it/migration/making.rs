//! Migration of an empty database.

use std::sync::Barrier;
use std::thread;

use portal_domain::StoreError;
use portal_postgres::{PostgresStore, SCHEMA_VERSION};

use crate::home::other_program::OtherProgram;
use crate::home::{TestHome, address, cluster, ids, works};

#[test]
fn each_step_is_written_down_once() {
    let steps = "select string_agg(version::text, ',' order by version) from schema_version";
    let all: Vec<_> = (1..=SCHEMA_VERSION).map(|it| it.to_string()).collect();
    let home = TestHome::new();
    assert_eq!(home.other_program.ask(steps), all.join(","));
    drop(PostgresStore::open(&address(home.url())).unwrap());
    assert_eq!(home.other_program.ask(steps), all.join(","));
}

#[test]
fn processes_that_make_one_database_at_once_all_open_it() {
    for processes in [2, 6] {
        let url = empty();
        let start = Barrier::new(processes);
        let open = || {
            start.wait();
            PostgresStore::open(&address(&url))
        };
        let stores: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..processes).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|it| it.join().unwrap().unwrap()).collect()
        });
        let steps = OtherProgram::connect(&url).ask("select count(*) from schema_version");
        assert_eq!(steps, SCHEMA_VERSION.to_string());
        stores.iter().zip(1..).for_each(|(store, n)| works(store, &format!("evt_{n}")));
    }
}

#[test]
fn a_migration_that_fails_leaves_nothing_and_is_made_up_for() {
    let url = empty();
    let other = OtherProgram::connect(&url);
    let tables = "select string_agg(relname, ',' order by relname) from pg_class \
                  where relnamespace = 'donation_portal'::regnamespace";
    // A view of this name makes the migration fail at its end.
    other.run("create schema donation_portal; create view report as select 1 as number");
    let failed = PostgresStore::open(&address(&url)).err();
    assert!(matches!(failed, Some(StoreError::Failed(_))), "{failed:?}");
    assert_eq!(other.ask(tables), "report");

    other.run("drop view report");
    works(&PostgresStore::open(&address(&url)).unwrap(), "evt_1");
}

#[test]
fn opening_an_old_schema_without_migrating_asks_for_a_migration_first() {
    let database = cluster().new_database().unwrap();
    let address = address(&cluster().url(&database));
    let too_old = StoreError::TooOld { found: 0, needed: SCHEMA_VERSION };
    assert_eq!(PostgresStore::open_as_it_is(&address).err(), Some(too_old));
    let made = "select count(*) from pg_namespace where nspname = 'donation_portal'";
    assert_eq!(cluster().psql(&database, made).unwrap(), "0", "looking makes nothing");

    drop(PostgresStore::open(&address).unwrap());
    let store = PostgresStore::open_as_it_is(&address).unwrap();
    assert_eq!(ids(&store), Ok(vec![]));
}

/// Creates an empty database and returns its URL.
fn empty() -> String {
    cluster().url(&cluster().new_database().unwrap())
}
