//! Several stores raise alerts and notify the same channel of them.

use std::collections::BTreeSet;
use std::thread;

use portal_contract::stripe::BEGIN;
use portal_contract::{at, block_on, text};
use portal_domain::notify::NOTIFICATION_LEASE;
use portal_domain::{Alert, AlertChange, AlertFilter, Alerts as _};
use portal_postgres::PostgresStore;

use crate::home::TestHome;
use crate::sharing::at_once;

#[test]
fn two_notifiers_of_one_channel_never_both_lease_a_notification() {
    const TROUBLES: usize = 40;
    let home = TestHome::new();
    block_on(home.store.raise(&troubles(TROUBLES), at(BEGIN))).unwrap();
    let notified = at_once(&home, 3, 1, |_, _, store| {
        let mut notified = vec![];
        while let Some(claimed) =
            block_on(store.lease_notification("slack-1", NOTIFICATION_LEASE, at(BEGIN))).unwrap()
        {
            let outcome = claimed.outcome(Ok(()));
            block_on(store.finish_notification("slack-1", &outcome, at(BEGIN))).unwrap();
            notified.push(outcome.key);
        }
        notified
    });
    let notified: Vec<_> = notified.into_iter().flatten().flatten().collect();
    assert_eq!(notified.len(), TROUBLES, "{notified:?}");
    assert_eq!(notified.iter().collect::<BTreeSet<_>>().len(), TROUBLES);
    // Another channel has not been notified.
    let elsewhere =
        block_on(home.store.lease_notification("discord-1", NOTIFICATION_LEASE, at(BEGIN)));
    assert!(elsewhere.unwrap().is_some());
}

#[test]
fn notifiers_that_read_at_the_same_moment_lease_different_notifications() {
    let home = TestHome::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    block_on(home.store.raise(&troubles(9), at(BEGIN))).unwrap();
    // The lock lets all stores read the due notifications before any of them leases one.
    home.other_program.run("begin; lock table notification in exclusive mode");
    let claim = |store: &PostgresStore| {
        let claimed =
            block_on(store.lease_notification("slack-1", NOTIFICATION_LEASE, at(BEGIN))).unwrap();
        claimed.unwrap().notification.key
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
    let home = TestHome::new();
    at_once(&home, 2, TIMES, |which, _, store| {
        let mut troubles = troubles(8);
        if which == 1 {
            troubles.reverse();
        }
        block_on(store.raise(&troubles, at(BEGIN))).unwrap();
    });
    let alerts = block_on(home.store.alerts(AlertFilter::All, 100)).unwrap();
    assert_eq!(alerts.iter().map(|it| it.count).collect::<Vec<_>>(), [2 * TIMES as u64; 8]);
}

/// Returns alerts that are notified once.
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
