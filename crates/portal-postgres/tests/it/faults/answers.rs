//! The connection ends while an event is recorded: before the commit, or after it.

use std::thread;
use std::time::Duration;

use portal_contract::{an_event, at, batch, block_on, text};
use portal_domain::Recorded::{Duplicate, New};
use portal_domain::{AlertFilter, Alerts as _, DeadReason, Event, Inbox as _, State, StoreError};
use tokio::runtime::Builder;

use crate::faults::{recovers, soon, through_a_proxy};
use crate::home::{NEW, TestHome, given, record, works};

#[test]
fn a_record_that_is_cut_off_before_its_commit_has_left_nothing() {
    for table in ["event", "payment"] {
        let (home, proxy, store) = through_a_proxy();
        works(&store, "before");
        home.other_program.run(&format!("begin; lock table {table} in access exclusive mode"));
        thread::scope(|scope| {
            let answer = scope.spawn(|| soon(store.record(&batch([an_event("evt_1")]), at(0))));
            home.other_program.wait_for_waiting(1);
            proxy.cut();
            assert_eq!(answer.join().unwrap(), Err(StoreError::Unreachable), "{table}");
        });
        // The server has noticed the end and has released the locks.
        home.other_program.wait_for_waiting(0);
        home.other_program.run("commit");
        proxy.pass();
        recovers(&store);
        assert_eq!(soon(store.event(&text("evt_1"))), Ok(None), "{table}");
        assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]), "{table}");
    }
}

#[test]
fn a_record_whose_answer_was_lost_is_a_duplicate_and_counted_once() {
    let (home, proxy, store) = through_a_proxy();
    // The commit waits for a lock, so that the test can act during it.
    home.other_program.run(
        "create function hold() returns trigger language plpgsql as
             'begin perform pg_advisory_xact_lock(7); return null; end';
         create constraint trigger hold after insert on event
             deferrable initially deferred for each row execute function hold();
         select pg_advisory_lock(7)",
    );
    let dead = State::Dead(DeadReason::FactsMissing);
    let wanted = batch([an_event("evt_1"), Event { state: dead, ..an_event("evt_2") }]);
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(store.record(&wanted, at(0))));
        home.other_program.wait_for(
            "select query from pg_stat_activity \
             where wait_event_type = 'Lock' and datname = current_database()",
            "commit",
        );
        proxy.lose_answers();
        home.other_program.run("select pg_advisory_unlock(7)");
        assert_eq!(answer.join().unwrap(), Err(StoreError::Unreachable));
    });
    proxy.pass();
    recovers(&store);
    assert_eq!(soon(store.event(&text("evt_2"))).unwrap().unwrap().state, dead);
    assert_eq!(soon(store.record(&wanted, at(0))), Ok(vec![Duplicate, Duplicate]));
    assert_eq!(given(&store), [("pi_1".to_owned(), 3000)]);
    let alerts = soon(store.alerts(AlertFilter::All, 10)).unwrap();
    assert_eq!(alerts.iter().map(|it| it.count).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_caller_who_gives_up_leaves_the_store_as_good_as_before() {
    let home = TestHome::new();
    let store = &home.store;
    let wanted = batch([an_event("evt_1")]);
    home.other_program.run("begin; lock table payment in access exclusive mode");
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let given_up = runtime.block_on(async {
        tokio::time::timeout(Duration::from_millis(300), store.record(&wanted, at(0))).await
    });
    assert!(given_up.is_err());
    home.other_program.run("commit");
    // A sent commit may still be executed; then the event is there with its donation, else neither.
    let again = block_on(store.record(&wanted, at(0))).unwrap();
    assert!(matches!(again[..], [Duplicate | New(State::Processed)]), "{again:?}");
    assert_eq!(given(store), [("pi_1".to_owned(), 3000)]);
}
