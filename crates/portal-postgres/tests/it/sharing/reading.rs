//! Reading from another store, and from the same one after a restart.

use portal_contract::{an_event, at, batch, block_on};
use portal_domain::Recorded::Duplicate;
use portal_domain::{Event, Inbox as _};

use crate::home::{NEW, TestHome, given, ids, record};

#[test]
fn a_reader_beside_a_writer_sees_what_is_committed() {
    let home = TestHome::new();
    let reader = home.another_store();
    assert_eq!(ids(&reader), Ok(vec![]));
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![NEW]));
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));
    assert_eq!(given(&reader), [("pi_1".to_owned(), 3000)]);

    home.other_program.run("begin; delete from event; delete from payment");
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));
    assert_eq!(given(&reader), [("pi_1".to_owned(), 3000)]);
    home.other_program.run("rollback");
}

#[test]
fn everything_is_there_after_reopening() {
    let mut home = TestHome::new();
    let first = Event { livemode: true, ..an_event("evt_1") };
    assert_eq!(block_on(home.store.record(&batch([first.clone()]), at(0))), Ok(vec![NEW]));
    assert_eq!(record(&home.store, &["evt_3", "evt_2"]), Ok(vec![NEW, NEW]));
    let before = given(&home.store);
    assert_eq!(before.len(), 1);
    home.reopen();
    let store = &home.store;
    assert_eq!(block_on(store.event(&first.id)), Ok(Some(first)));
    assert_eq!(given(store), before);
    assert_eq!(record(store, &["evt_3", "evt_0"]), Ok(vec![Duplicate, NEW]));
    let newest_first = ["evt_0", "evt_2", "evt_3", "evt_1"].map(str::to_owned).to_vec();
    assert_eq!(ids(store), Ok(newest_first));
}
