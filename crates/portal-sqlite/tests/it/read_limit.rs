//! The limit of what a page reads.

use std::sync::Arc;
use std::time::Duration;

use portal_contract::{FakeClock, an_event, at, batch, block_on, everything, text};
use portal_domain::{EventFilter, Inbox as _, Ledger as _, ObjectId, StoreError};
use portal_sqlite::{ReadLimit, SqliteStore};

use crate::home::TestHome;

/// A file with so many events, and its store for pages. A second of its clock passes with each look.
fn for_pages(events: usize) -> (TestHome, SqliteStore) {
    let home = TestHome::new();
    let events = (0..events).map(|n| an_event(&format!("evt_{n}")));
    block_on(home.store().record(&batch(events), at(0))).unwrap();
    let clock = Arc::new(FakeClock::at(0).with_each_look(1000));
    let limit = ReadLimit { clock, longest: Duration::from_secs(2) };
    let store = SqliteStore::open_for_pages(&home.path(), &limit).unwrap();
    (home, store)
}

#[test]
fn a_long_read_ends_in_time_and_the_store_works_afterwards() {
    let (home, store) = for_pages(2000);
    for _ in 0..2 {
        assert_eq!(block_on(store.events(&everything())), Err(StoreError::TimedOut));
        assert_eq!(block_on(store.events(&EventFilter::latest(1))).map(|it| it.len()), Ok(1));
    }
    assert_eq!(block_on(home.store().events(&everything())).map(|it| it.len()), Ok(2000));
}

/// The time of earlier reads does not count.
#[test]
fn each_read_has_the_whole_time() {
    let (_home, store) = for_pages(1);
    for _ in 0..1000 {
        assert!(block_on(store.event(&text("evt_0"))).is_ok());
    }
}

#[test]
fn a_look_up_has_the_same_limit() {
    let (_home, store) = for_pages(1);
    let many: Vec<_> = (0..2000).filter_map(|n| ObjectId::new(&format!("pi_{n}"))).collect();
    assert_eq!(block_on(store.donations_of(&many)), Err(StoreError::TimedOut));
}
