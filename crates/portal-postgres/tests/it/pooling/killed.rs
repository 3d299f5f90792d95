//! Sessions of a pooler are killed at any moment.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use portal_contract::{at, block_on};
use portal_domain::{Inbox as _, StoreError};
use portal_postgres::PostgresStore;

use crate::home::{given, ids};
use crate::pooling::{BY_TRANSACTION, Front, gifts, pooled};

/// Kills one session of the pooler. Only poolers connect by the server's Unix socket.
const KILL: &str = "select pg_terminate_backend(pid) from pg_stat_activity \
    where client_addr is null and datname = current_database() order by random() limit 1";

#[test]
fn sessions_that_are_killed_lose_nothing_that_was_acknowledged() {
    BY_TRANSACTION.into_iter().for_each(lose_nothing);
}

fn lose_nothing(front: fn(&str) -> Front) {
    const STORES: usize = 3;
    const EVENTS: usize = 100;
    let (home, pooler) = pooled(front);
    let failures = AtomicUsize::new(0);
    let stores: Vec<_> = (0..STORES).map(|_| pooler.store()).collect();
    let record = |(which, store): (usize, &PostgresStore)| {
        for n in 0..EVENTS {
            let gifts = gifts(&[format!("{which}_{n}")]);
            // The events are recorded repeatedly until they are acknowledged, as Stripe does.
            while let Err(error) = block_on(store.record(&gifts, at(0))) {
                assert_eq!(error, StoreError::Unreachable);
                failures.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let record = &record;
    thread::scope(|scope| {
        let threads: Vec<_> =
            stores.iter().enumerate().map(|it| scope.spawn(move || record(it))).collect();
        while !threads.iter().all(ScopedJoinHandle::is_finished) {
            home.other_program.run(KILL);
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert!(failures.into_inner() > 0, "nobody was hurt");
    let all = |it: &dyn Fn(usize, usize) -> String| -> BTreeSet<_> {
        (0..STORES * EVENTS).map(|n| it(n / EVENTS, n % EVENTS)).collect()
    };
    let there: BTreeSet<_> = ids(&home.store).unwrap().into_iter().collect();
    assert_eq!(there, all(&|which, n| format!("evt_{which}_{n}")));
    let there: BTreeSet<_> = given(&home.store).into_iter().map(|(id, _)| id).collect();
    assert_eq!(there, all(&|which, n| format!("pi_{which}_{n}")));
}
