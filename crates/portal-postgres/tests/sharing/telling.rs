//! Several stores raise troubles, and tell the same channel of them.

use std::collections::BTreeSet;
use std::thread;

use portal_domain::tell::NOTICE_LEASE;
use portal_domain::{Action, Alert, AlertChange, NoticeOutcome, Store as _};
use portal_postgres::PostgresStore;
use portal_store_suite::stripe::BEGIN;
use portal_store_suite::{at, block_on, text};

use crate::at_once;
use crate::home::Home;

#[test]
fn two_tellers_of_one_channel_never_both_claim_a_notice() {
    const TROUBLES: usize = 40;
    let home = Home::new();
    block_on(home.store.raise(&troubles(TROUBLES), at(BEGIN))).unwrap();
    let told = at_once(&home, 3, 1, |_, _, store| {
        let mut told = vec![];
        while let Some(claimed) =
            block_on(store.claim_notice("slack-1", NOTICE_LEASE, at(BEGIN))).unwrap()
        {
            let (key, lease) = (claimed.notice.key, claimed.lease);
            let outcome = NoticeOutcome { key: key.clone(), lease, told: Ok(Action::Trigger) };
            block_on(store.finish_notice("slack-1", &outcome, at(BEGIN))).unwrap();
            told.push(key);
        }
        told
    });
    let told: Vec<_> = told.into_iter().flatten().flatten().collect();
    assert_eq!(told.len(), TROUBLES, "{told:?}");
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), TROUBLES);
    // Another channel has heard of none.
    let elsewhere = block_on(home.store.claim_notice("discord-1", NOTICE_LEASE, at(BEGIN)));
    assert!(elsewhere.unwrap().is_some());
}

#[test]
fn tellers_that_look_at_the_same_moment_claim_different_notices() {
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    block_on(home.store.raise(&troubles(9), at(BEGIN))).unwrap();
    // All have seen what is due, and none has claimed it yet.
    home.other_program.run("begin; lock table notice in exclusive mode");
    let claim = |store: &PostgresStore| {
        let claimed = block_on(store.claim_notice("slack-1", NOTICE_LEASE, at(BEGIN))).unwrap();
        claimed.unwrap().notice.key
    };
    let claimed: BTreeSet<_> = thread::scope(|scope| {
        let threads = stores.map(|store| scope.spawn(|| claim(store)));
        home.other_program.wait_for_waiting(3);
        home.other_program.run("commit");
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(claimed.len(), 3, "{claimed:?}");
}

#[test]
fn stores_that_raise_the_same_troubles_count_each_time() {
    const TIMES: usize = 60;
    let home = Home::new();
    at_once(&home, 2, TIMES, |which, _, store| {
        let mut troubles = troubles(8);
        if which == 1 {
            troubles.reverse();
        }
        block_on(store.raise(&troubles, at(BEGIN))).unwrap();
    });
    let alerts = block_on(home.store.alerts(100)).unwrap();
    assert_eq!(alerts.iter().map(|it| it.count).collect::<Vec<_>>(), [2 * TIMES as u64; 8]);
}

/// Troubles that are told once.
fn troubles(count: usize) -> Vec<AlertChange> {
    let trouble = |n| {
        AlertChange::Raise(Alert::RefundFailed {
            refund: text(&format!("re_{n}")),
            payment: text("pi_1"),
            amount: 1000,
            currency: text("jpy"),
            livemode: true,
        })
    };
    (0..count).map(trouble).collect()
}
