//! Another session holds a lock that a step needs.

use std::thread;

use portal_contract::{an_event, at, batch, text};
use portal_domain::{
    Alert, AlertChange, Alerts as _, Entry, Inbox as _, Jobs as _, Reprocess, State, StoreError,
    UnixSeconds, Written,
};

use crate::faults::{is_well, soon};
use crate::home::{NEW, TestHome, ids, record, works};

#[test]
fn a_lock_that_is_let_go_soon_is_waited_for() {
    let home = TestHome::new();
    home.other_program.run("begin; lock table event in access exclusive mode");
    thread::scope(|scope| {
        let answer = scope.spawn(|| soon(home.store.record(&batch([an_event("evt_1")]), at(0))));
        home.other_program.wait_for_waiting(1);
        home.other_program.run("commit");
        assert_eq!(answer.join().unwrap(), Ok(vec![NEW]));
    });
}

#[test]
fn a_lock_that_is_held_on_is_busy() {
    let home = TestHome::new();
    let store = &home.store;
    home.other_program.run("begin; lock table event, alert in access exclusive mode");
    let (events, id) = (batch([an_event("evt_1")]), text("evt_1"));
    let trouble = [AlertChange::Raise(Alert::test(UnixSeconds::default()))];
    let all = async {
        tokio::join!(store.record(&events, at(0)), store.event(&id), store.raise(&trouble, at(0)))
    };
    let busy = (Err(StoreError::Busy), Err(StoreError::Busy), Err(StoreError::Busy));
    assert_eq!(soon(all), busy);
    assert_eq!(soon(store.job_state("reconcile")), Ok(None), "what is not locked goes on");

    home.other_program.run("commit");
    assert_eq!(soon(store.raise(&trouble, at(0))), Ok(()));
    assert_eq!(record(store, &["evt_1"]), Ok(vec![NEW]));
    assert_eq!(ids(store), Ok(vec!["evt_1".into()]));
}

#[test]
fn deliveries_do_not_wait_for_a_long_action_of_an_operator() {
    let home = TestHome::new();
    works(&home.store, "evt_1");
    let entry = Entry::decide_again(an_event("evt_1"));
    let steps = [Reprocess { from: State::Processed, entry }];
    // This is the lock that a long action on many events holds.
    home.other_program.run("begin; select pg_advisory_xact_lock(x'444f4e41'::integer, 1)");
    assert_eq!(soon(home.store.reprocess(&steps, at(0))), Err(StoreError::Busy));
    works(&home.store, "evt_2");
    assert!(soon(home.store.ping(at(0))).is_ok());
    home.other_program.run("commit");
    assert_eq!(soon(home.store.reprocess(&steps, at(0))), Ok(vec![Written::Applied]));
    assert!(soon(is_well(&home.store)));
}
