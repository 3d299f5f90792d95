//! One file, several stores: other threads, other processes, the next start.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::thread;

use crate::home::{NEW, TestHome, ids, record};
use portal_contract::{an_event, at, batch, block_on};
use portal_domain::Recorded::Duplicate;
use portal_domain::{Event, Inbox as _, StoreError};
use portal_sqlite::SqliteStore;

#[test]
fn threads_on_two_stores_record_each_id_once_in_all() {
    const THREADS: usize = 4;
    const IDS: usize = 48;
    const BATCH: usize = 3;

    let home = TestHome::new();
    let stores = [home.store(), home.store()];
    let ids: Vec<String> = (0..IDS).map(|n| format!("evt_{n}")).collect();
    let start = Barrier::new(THREADS);
    // Each thread begins with another id, so that all of them record every id.
    let record_all = |thread: usize| {
        let mut order: Vec<&str> = ids.iter().map(String::as_str).collect();
        order.rotate_left(thread * IDS / THREADS / 2);
        let store = &stores[thread % stores.len()];
        start.wait();
        let mut new = vec![];
        for batch in order.chunks(BATCH) {
            let recorded = loop {
                match record(store, batch) {
                    Err(StoreError::Busy) => {}
                    answer => break answer.unwrap(),
                }
            };
            new.extend(batch.iter().zip(recorded).filter(|(_, it)| *it == NEW).map(|(id, _)| *id));
        }
        new
    };

    let mut times_new = BTreeMap::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || record_all(n))).collect();
        for id in threads.into_iter().flat_map(|it| it.join().unwrap()) {
            *times_new.entry(id).or_insert(0) += 1;
        }
    });
    assert_eq!(times_new, ids.iter().map(|id| (id.as_str(), 1)).collect());
    let mut there = crate::home::ids(&home.store()).unwrap();
    there.sort_unstable();
    let mut wanted = ids.clone();
    wanted.sort_unstable();
    assert_eq!(there, wanted);
}

#[test]
fn stores_that_make_one_file_at_once_all_open() {
    const STORES: usize = 4;
    for _ in 0..5 {
        let home = TestHome::new();
        let start = Barrier::new(STORES);
        let open = || {
            start.wait();
            SqliteStore::open(&home.path()).map(drop)
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..STORES).map(|_| scope.spawn(open)).collect();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Ok(()));
            }
        });
    }
}

#[test]
fn a_reader_beside_a_writer_sees_what_is_committed() {
    let home = TestHome::new();
    let writer = home.store();
    let reader = SqliteStore::open_to_read(&home.path()).unwrap();
    assert_eq!(ids(&reader), Ok(vec![]));
    assert_eq!(record(&writer, &["evt_1"]), Ok(vec![NEW]));
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));

    let other = home.other_program();
    other.execute_batch("begin immediate; delete from event").unwrap();
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));
    other.execute_batch("rollback").unwrap();

    drop(writer);
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));
    assert_eq!(record(&home.store(), &["evt_2"]), Ok(vec![NEW]));
    assert_eq!(ids(&reader), Ok(vec!["evt_2".into(), "evt_1".into()]));
}

#[test]
fn a_database_that_no_server_has_open_can_be_read() {
    let home = TestHome::new();
    assert_eq!(record(&home.store(), &["evt_1"]), Ok(vec![NEW]));
    let reader = SqliteStore::open_to_read(&home.path()).unwrap();
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));
}

#[test]
fn everything_is_there_after_reopening() {
    let home = TestHome::new();
    let first = Event { livemode: true, ..an_event("evt_1") };
    let store = home.store();
    assert_eq!(block_on(store.record(&batch([first.clone()]), at(0))), Ok(vec![NEW]));
    assert_eq!(record(&store, &["evt_3", "evt_2"]), Ok(vec![NEW, NEW]));
    drop(store);

    let store = home.store();
    assert_eq!(block_on(store.event(&first.id)), Ok(Some(first)));
    assert_eq!(record(&store, &["evt_3", "evt_0"]), Ok(vec![Duplicate, NEW]));
    let newest_first = ["evt_0", "evt_2", "evt_3", "evt_1"].map(str::to_owned).to_vec();
    assert_eq!(ids(&store), Ok(newest_first));
}

#[test]
fn a_process_that_ends_without_closing_leaves_everything() {
    let home = TestHome::new();
    let store = home.store();
    for n in 0..20 {
        assert_eq!(record(&store, &[&format!("evt_{n}")]), Ok(vec![NEW]));
        let left = ids(&home.copy().store()).unwrap();
        assert_eq!(left.len(), n + 1);
    }
}
