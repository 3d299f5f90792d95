//! A row cannot be read, or cannot be written.

use portal_contract::{UNREADABLE, an_event, at, block_on, text};
use portal_domain::{Entry, Inbox as _, Reprocess, State, StoreError, Written};

use crate::home::{NEW, TestHome, given, ids, record};

#[test]
fn a_row_that_this_service_never_wrote_is_corrupt_and_hinders_no_other() {
    let home = TestHome::new();
    let store = &home.store;
    for (column, bad, good) in UNREADABLE {
        home.empty();
        assert_eq!(record(store, &["evt_1", "evt_2"]), Ok(vec![NEW, NEW]));
        let set = |value| {
            let which = "where id in ('evt_1', 'evt 1')";
            home.other_program.run(&format!("update event set {column} = {value} {which}"));
        };
        set(bad);
        assert_eq!(ids(store), Err(StoreError::Corrupt), "{column}");
        assert!(block_on(store.ping(at(0))).is_ok(), "{column}");
        assert_eq!(record(store, &["evt_3"]), Ok(vec![NEW]), "{column}");
        assert!(block_on(store.event(&text("evt_2"))).unwrap().is_some(), "{column}");
        let entry = Entry::decide_again(an_event("evt_2"));
        let step = Reprocess { from: State::Processed, entry };
        assert_eq!(block_on(store.reprocess(&[step], at(0))), Ok(vec![Written::Applied]));
        assert_eq!(given(store), [("pi_1".to_owned(), 3000)], "{column}");
        set(good);
        assert!(block_on(store.event(&text("evt_1"))).unwrap().is_some(), "{column}");
    }
}

#[test]
fn a_batch_that_fails_midway_leaves_nothing_and_quotes_nothing() {
    let home = TestHome::new();
    let store = &home.store;
    home.other_program.run("alter table event add constraint refuse check (id <> 'evt_3')");
    let failed = record(store, &["evt_1", "evt_2", "evt_3", "evt_4"]);
    assert_eq!(failed, Err(StoreError::Failed("SQLSTATE 23514".into())));
    assert_eq!(ids(store), Ok(vec![]));

    home.other_program.run("alter table event drop constraint refuse");
    assert_eq!(record(store, &["evt_1", "evt_2", "evt_3"]), Ok(vec![NEW; 3]));
}
