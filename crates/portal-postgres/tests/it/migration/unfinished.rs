//! A database with an incomplete copy.

use portal_domain::StoreError;
use portal_postgres::PostgresStore;

use crate::home::{NEW, TestHome, address, eventually, ids, record, works};

#[test]
fn a_database_that_is_being_copied_into_is_unfinished_until_it_is_whole() {
    let home = TestHome::new();
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![NEW]));
    home.other_program.run("insert into copying (source, copier) values ('2 events', '7')");
    home.other_program.cut_all();

    let unfinished = || Err::<Vec<_>, _>(StoreError::CopyIncomplete);
    assert!(eventually(|| record(&home.store, &["evt_2"]) == unfinished()));
    assert_eq!(ids(&home.store), Err(StoreError::CopyIncomplete));
    let url = address(home.url());
    assert_eq!(PostgresStore::open(&url).err(), Some(StoreError::CopyIncomplete));
    assert_eq!(PostgresStore::open_as_it_is(&url).err(), Some(StoreError::CopyIncomplete));
    assert_eq!(home.other_program.ask("select count(*) from event"), "1");

    home.other_program.run("delete from copying");
    works(&home.store, "evt_2");
    assert!(PostgresStore::open(&url).is_ok());
}
