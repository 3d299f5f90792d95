//! Stores keep their contract behind a pooler that pools by transaction.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use portal_contract::stripe::{dispute, new};
use portal_contract::{at, batch, block_on, text};
use portal_domain::{AlertFilter, Alerts as _, Inbox as _, Jobs as _, Ledger as _, Selection};
use portal_postgres::PostgresStore;

use crate::home::other_program::OtherProgram;
use crate::home::{NEW, TestHome, address, cluster, given, ids, works};
use crate::pooling::{BY_TRANSACTION, Front, SESSIONS, gifts, pooled};

#[test]
fn stores_that_share_sessions_record_and_read_under_their_own_settings() {
    BY_TRANSACTION.into_iter().for_each(share_sessions);
}

fn share_sessions(front: fn(&str) -> Front) {
    const STORES: usize = 4;
    const BATCHES: usize = 40;
    let (home, pooler) = pooled(front);
    let ended = AtomicBool::new(false);
    let work = |which: usize| {
        let store = pooler.store();
        for n in 0..BATCHES {
            let names: Vec<_> = (0..5).map(|it| format!("{which}_{n}_{it}")).collect();
            assert_eq!(block_on(store.record(&gifts(&names), at(0))), Ok(vec![NEW; 5]));
            let found = block_on(store.event(&text(&format!("evt_{}", names.last().unwrap()))));
            assert!(found.unwrap().is_some(), "{names:?}");
            let found = block_on(store.donation(&text(&format!("pi_{}", names.first().unwrap()))));
            assert_eq!(found.unwrap().unwrap().net, 1000, "{names:?}");
        }
    };
    thread::scope(|scope| {
        let work = &work;
        let stores: Vec<_> = (0..STORES).map(|it| scope.spawn(move || work(it))).collect();
        // Another program keeps using the sessions as well.
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                pooler.leave_behind();
                thread::sleep(Duration::from_millis(10));
            }
        });
        let outcomes: Vec<_> = stores.into_iter().map(|it| it.join()).collect();
        ended.store(true, Ordering::Relaxed);
        assert!(outcomes.iter().all(Result::is_ok));
    });
    let due: BTreeSet<_> = (0..STORES * BATCHES * 5)
        .map(|n| format!("{}_{}_{}", n / (BATCHES * 5), n / 5 % BATCHES, n % 5))
        .collect();
    let all = given(&home.store).into_iter();
    assert_eq!(all.map(|(id, _)| id.replace("pi_", "")).collect::<BTreeSet<_>>(), due);
    let all = ids(&home.store).unwrap().into_iter();
    assert_eq!(all.map(|id| id.replace("evt_", "")).collect::<BTreeSet<_>>(), due);
    assert_eq!(noted(&home), "on, read committed");
}

#[test]
fn what_others_have_left_behind_changes_no_step() {
    BY_TRANSACTION.into_iter().for_each(use_what_others_used);
}

fn use_what_others_used(front: fn(&str) -> Front) {
    let (home, pooler) = pooled(front);
    let store = pooler.store();
    works(&store, "evt_1");
    let contested = new(0, "charge.dispute.created", dispute("pi_1", "needs_response"));
    let contested = batch([contested.known_as("evt_2").event()]);
    // The wait is longer than the timeout that the other program has set.
    home.other_program.run("begin; lock table dispute in access exclusive mode");
    thread::scope(|scope| {
        let recording = scope.spawn(|| block_on(store.record(&contested, at(0))));
        thread::sleep(Duration::from_millis(800));
        home.other_program.run("commit");
        assert_eq!(recording.join().unwrap(), Ok(vec![NEW]));
    });
    assert!(block_on(store.ping(at(0))).is_ok());
    assert_eq!(block_on(store.alerts(AlertFilter::All, 10)).unwrap().len(), 1);
    assert_eq!(given(&store), [("pi_1".to_owned(), 3000)]);
    assert_eq!(block_on(store.ignore(&Selection::default(), at(0))), Ok(0));
    assert_eq!(block_on(store.spend(3, at(0))), Ok(3));
    assert_eq!(block_on(store.prune(at(2_000_000_000), 10)), Ok(2));
    assert_eq!(noted(&home), "on, read committed");
    // The store has left no settings in the sessions either.
    let other = OtherProgram::connect(&pooler.url());
    for _ in 0..SESSIONS {
        let left = "select current_setting('lock_timeout') || ', ' || count(*) \
                    from pg_catalog.pg_prepared_statements";
        assert_eq!(other.ask(left), "200ms, 0");
    }
}

#[test]
fn processes_that_make_one_database_at_once_behind_a_pooler_all_open_it() {
    BY_TRANSACTION.into_iter().for_each(make_at_once);
}

fn make_at_once(front: fn(&str) -> Front) {
    let pooler = front(&cluster().new_database().unwrap());
    pooler.leave_behind();
    thread::scope(|scope| {
        let open = || PostgresStore::open(&address(&pooler.url()));
        let opened: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        for (n, opened) in opened.into_iter().enumerate() {
            works(&opened.join().unwrap().unwrap(), &format!("evt_{n}"));
        }
    });
}

/// Returns the settings under which events were recorded.
fn noted(home: &TestHome) -> String {
    home.other_program.ask("select distinct setting from noted")
}
