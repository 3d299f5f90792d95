//! A database of an older version of this service.
//!
//! There is only one migration, so the older version is invented: it has version 0 and one table.

use std::sync::Barrier;
use std::thread;

use crate::home::{NEW, TestHome, ids, record};
use portal_domain::StoreError;
use portal_sqlite::SqliteStore;
use portal_sqlite::sql::SCHEMA_VERSION;

/// The application id of every version: `DONA`.
const OWNER: u32 = 0x444f_4e41;

#[test]
fn a_migrated_database_is_as_good_as_a_new_one_and_keeps_what_it_had() {
    let (old, new) = (of_an_older_version("keepsake"), TestHome::new());
    assert_eq!(record(&old.store(), &["evt_1"]), Ok(vec![NEW]));
    drop(new.store());
    assert_eq!((marks(&old), marks(&new)), (known(), known()));
    let kept: String =
        old.other_program().query_row("select it from keepsake", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "a ring");
    let mut schema = schema(&old);
    schema.retain(|it| !it.contains("keepsake"));
    assert_eq!(schema, self::schema(&new));
}

#[test]
fn a_migration_that_fails_leaves_the_database_as_it_was() {
    // The migration fails at its last table, so all earlier ones are rolled back.
    let home = of_an_older_version("report");
    let before = schema(&home);
    for _ in 0..2 {
        let failed = SqliteStore::open(&home.path()).err();
        assert!(matches!(failed, Some(StoreError::Failed(_))), "{failed:?}");
        assert_eq!((marks(&home), schema(&home)), ((OWNER, 0), before.clone()));
    }
    home.other_program().execute_batch("drop table report").unwrap();
    assert_eq!(record(&home.store(), &["evt_1"]), Ok(vec![NEW]));
}

#[test]
fn reading_an_old_schema_asks_for_a_migration_first() {
    let home = of_an_older_version("keepsake");
    let before = schema(&home);
    let refused = SqliteStore::open_to_read(&home.path()).err();
    let (_, needed) = known();
    assert_eq!(refused, Some(StoreError::TooOld { found: 0, needed }));
    assert_eq!((marks(&home), schema(&home)), ((OWNER, 0), before));
    drop(home.store());
    assert_eq!(ids(&SqliteStore::open_to_read(&home.path()).unwrap()), Ok(vec![]));
}

#[test]
fn stores_that_migrate_one_database_at_once_all_open() {
    const STORES: usize = 4;
    for _ in 0..5 {
        let home = of_an_older_version("keepsake");
        let start = Barrier::new(STORES);
        let open = |n: usize| {
            start.wait();
            record(&SqliteStore::open(&home.path())?, &[&*format!("evt_{n}")])
        };
        let open = &open;
        thread::scope(|scope| {
            let threads: Vec<_> = (0..STORES).map(|n| scope.spawn(move || open(n))).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Ok(vec![NEW]));
            }
        });
        assert_eq!(marks(&home), known());
    }
}

/// Returns a database of version 0 that has `table`.
fn of_an_older_version(table: &str) -> TestHome {
    let home = TestHome::new();
    let database = home.other_program();
    let make = format!("create table {table} (it text); insert into {table} values ('a ring')");
    database.execute_batch(&make).unwrap();
    database.pragma_update(None, "application_id", OWNER).unwrap();
    home
}

/// Returns the application id and the version of a database.
fn marks(home: &TestHome) -> (u32, u32) {
    let marks = "select * from pragma_application_id, pragma_user_version";
    home.other_program().query_row(marks, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

/// Returns the application id and the version of a database of this version.
fn known() -> (u32, u32) {
    (OWNER, SCHEMA_VERSION)
}

fn schema(home: &TestHome) -> Vec<String> {
    let database = home.other_program();
    let sql = "select coalesce(sql, name) from sqlite_schema order by name";
    let mut select = database.prepare(sql).unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}
