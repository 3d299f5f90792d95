//! Two copies into one database.

use std::thread;

use crate::home::other_program::OtherProgram;
use crate::home::{address, cluster};
use portal_domain::StoreError;
use portal_domain::tables::TABLES;
use portal_postgres::import::{CopyStart, Import, ImportPage};
use portal_postgres::{DatabaseAddress, PostgresStore};

#[test]
fn the_last_copy_that_began_goes_on_and_the_one_before_writes_nothing_more() {
    let (address, other) = empty();
    let mut first = Import::open(&address).unwrap();
    assert_eq!(first.begin("a source"), Ok(CopyStart::New));
    assert_eq!(write(&mut first, "job_1"), Ok(1));
    let mut last = Import::open(&address).unwrap();
    assert_eq!(last.begin("a source"), Ok(CopyStart::Resumed));
    assert_eq!(write(&mut first, "job_2"), Err(StoreError::Busy));
    assert_eq!(write(&mut last, "job_3"), Ok(1));
    last.end().unwrap();
    assert_eq!(other.ask("select name from job order by name"), "job_1\njob_3");
    assert!(PostgresStore::open_as_it_is(&address).is_ok());
}

#[test]
fn a_copy_that_begins_waits_for_the_page_that_another_one_writes() {
    let (address, other) = empty();
    let mut first = Import::open(&address).unwrap();
    assert_eq!(first.begin("a source"), Ok(CopyStart::New));
    let mut last = Import::open(&address).unwrap();
    // The first copy is writing a page: it has checked that the copy is its own, and holds the lock.
    other.run("begin; select 1 from copying for update");
    thread::scope(|scope| {
        let begun = scope.spawn(|| last.begin("a source"));
        other.wait_for_waiting(1);
        other.run("lock table event in row exclusive mode; commit");
        assert_eq!(begun.join().unwrap(), Ok(CopyStart::Resumed));
    });
    assert_eq!(write(&mut last, "job_1"), Ok(1));
}

fn empty() -> (DatabaseAddress, OtherProgram) {
    let url = cluster().url(&cluster().new_database().unwrap());
    (address(&url), OtherProgram::connect(&url))
}

fn write(import: &mut Import, name: &str) -> Result<u64, StoreError> {
    let mut page = ImportPage::default();
    page.add(&[Some(name), Some("0"), Some("0"), Some("1"), None]);
    let job = TABLES.iter().find(|it| it.name == "job").unwrap();
    import.write(job, &mut page)
}
