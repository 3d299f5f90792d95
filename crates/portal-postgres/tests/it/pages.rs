//! The store for pages: no read takes longer than somebody waits.

use std::time::Duration;

use portal_contract::block_on;
use portal_domain::{DonationFilter, Ledger as _, Reports as _, StoreError};
use portal_postgres::PostgresStore;
use portal_testkit::clock::Stopwatch;

use crate::home::{TestHome, address, works};

/// Lets each donation take seconds to be read.
const SLOW: &str = "\
    alter view donation_portal.donation_by_payment rename to fast; \
    create view donation_portal.donation_by_payment as \
        select * from donation_portal.fast where pg_sleep(6) is not null";

/// The limit of two seconds, and some for a busy machine.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_long_read_of_a_page_ends_in_time_and_others_go_on() {
    let home = TestHome::new();
    works(&home.store, "evt_1");
    home.other_program.run(SLOW);
    let pages = PostgresStore::open_for_pages(&address(home.url())).unwrap();
    let all = DonationFilter::default();
    let watch = Stopwatch::start();
    assert_eq!(block_on(pages.donations(&all, None, 9)), Err(StoreError::TimedOut));
    assert!(watch.elapsed() < SOON, "{:?}", watch.elapsed());
    assert!(block_on(pages.backlog()).is_ok());
    // That of a command has the time that it takes.
    assert_eq!(block_on(home.store.donations(&all, None, 9)).map(|it| it.len()), Ok(1));
}
