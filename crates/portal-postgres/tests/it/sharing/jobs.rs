//! Several stores lease a job, count reads and file reports.

use std::collections::BTreeSet;
use std::thread;

use portal_contract::{at, block_on};
use portal_domain::notify::NOTIFICATION_LEASE;
use portal_domain::{Jobs as _, Lease, LeasedJob, Report, Reports as _, UnixSeconds, Window};

use crate::home::TestHome;
use crate::sharing::at_once;

#[test]
fn one_job_is_begun_by_one_store_at_a_time() {
    const ROUNDS: i64 = 50;
    let home = TestHome::new();
    let begun = at_once(&home, 3, 50, |_, round, store| {
        // The lease of the previous round has ended.
        let now = at(i64::try_from(round).unwrap() * NOTIFICATION_LEASE.as_secs());
        block_on(store.lease_job("reconcile", NOTIFICATION_LEASE, now)).unwrap()
    });
    let mut leases: Vec<_> = begun.into_iter().flatten().flatten().collect();
    leases.sort_unstable_by_key(|it| it.lease);
    let due: Vec<_> = (1..=ROUNDS).map(|it| LeasedJob { lease: Lease(it), state: None }).collect();
    assert_eq!(leases, due);
}

#[test]
fn reads_that_several_stores_count_at_once_are_all_counted() {
    let home = TestHome::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    // The lock lets all stores read the old count before any of them writes.
    home.other_program.run("begin; insert into reads (day, count) values (50, 10)");
    let mut told = thread::scope(|scope| {
        let threads =
            stores.map(|store| scope.spawn(|| block_on(store.spend(3, on_day(50))).unwrap()));
        home.other_program.wait_for_waiting(3);
        home.other_program.run("commit");
        threads.map(|it| it.join().unwrap())
    });
    told.sort_unstable();
    assert_eq!(told, [13, 16, 19]);
}

#[test]
fn counting_reads_does_not_wait_for_another_process_that_deletes_old_ones() {
    let home = TestHome::new();
    assert_eq!(block_on(home.store.spend(5, on_day(1))), Ok(5));
    home.other_program.run("begin; delete from reads where day = 1");
    assert_eq!(block_on(home.store.spend(3, on_day(50))), Ok(3));
    home.other_program.run("rollback");
    assert_eq!(block_on(home.store.spend(1, on_day(50))), Ok(4));
    assert_eq!(home.other_program.ask("select day from reads"), "50");
}

#[test]
fn reports_that_several_stores_file_at_once_have_the_next_numbers() {
    let home = TestHome::new();
    let report = Report::new(Window { since: at(0), until: at(1000) }, true);
    let numbers =
        at_once(&home, 3, 20, |_, _, store| block_on(store.file_report(&report)).unwrap());
    let numbers: BTreeSet<_> = numbers.into_iter().flatten().collect();
    assert_eq!(numbers, (1..=60).collect());
}

/// Returns the time `days` days after 1970.
fn on_day(days: i64) -> UnixSeconds {
    at(days * 24 * 60 * 60)
}
