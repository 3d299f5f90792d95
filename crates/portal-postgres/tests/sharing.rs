//! One database, several stores: other threads, other processes, the next start.

#![expect(clippy::unwrap_used, reason = "a store that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use home::{Home, address, cluster, eventually, ids, record};
use portal_domain::Recorded::{Duplicate, New};
use portal_domain::settle::{LEASE, settle_due, settlement};
use portal_domain::tell::NOTICE_LEASE;
use portal_domain::{
    Action, Alert, AlertChange, Begun, Event, IgnoredReason, Lease, NoticeSettlement, Payload,
    Recorded, Remedy, Report, Selection, Settled, State, Store as _, StoreError, Supplied,
    UnixSeconds, Window,
};
use portal_postgres::PostgresStore;
use portal_store_suite::stripe::{
    BEGIN, NEW, OLD, Told, charge, dispute, invoice_payment, new_invoice, old_invoice, payment,
    refund, told,
};
use portal_store_suite::{an_event, at, batch, block_on, text};
use portal_test_postgres::Proxy;

/// When all is due.
const NOW: i64 = BEGIN + 1000;

#[test]
fn threads_on_two_stores_record_each_id_once_in_all() {
    const THREADS: usize = 4;
    const IDS: usize = 480;
    const BATCH: usize = 7;

    let home = Home::new();
    let stores = [&home.store, &home.another_store()];
    let ids: Vec<String> = (0..IDS).map(|n| format!("evt_{n}")).collect();
    let start = Barrier::new(THREADS);
    // Each thread begins at another place and half of them go backwards, so that every id is wanted
    // by all of them and batches meet in opposite order.
    let record_all = |thread: usize| {
        let mut order: Vec<&str> = ids.iter().map(String::as_str).collect();
        order.rotate_left(thread * IDS / THREADS / 2);
        if thread % 2 == 1 {
            order.reverse();
        }
        let store = stores[thread / 2];
        start.wait();
        let mut new = vec![];
        for batch in order.chunks(BATCH) {
            let recorded = record(store, batch).unwrap();
            new.extend(batch.iter().zip(recorded).filter(|(_, it)| *it == New).map(|(id, _)| *id));
        }
        new
    };

    let mut times_new = BTreeMap::new();
    thread::scope(|scope| {
        let record_all = &record_all;
        let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || record_all(n))).collect();
        for id in threads.into_iter().flat_map(|it| it.join().unwrap()) {
            *times_new.entry(id).or_insert(0) += 1;
        }
    });
    assert_eq!(times_new, ids.iter().map(|id| (id.as_str(), 1)).collect());
    let there: BTreeSet<_> = home::ids(stores[1]).unwrap().into_iter().collect();
    assert_eq!(there, ids.into_iter().collect());
}

#[test]
fn batches_in_opposite_order_wait_for_each_other_and_never_both() {
    const ROUNDS: usize = 60;
    let home = Home::new();
    let stores = [&home.store, &home.another_store()];
    let start = Barrier::new(2);
    let record_all = |which: usize| -> Vec<_> {
        let rounds = 0..ROUNDS;
        let recorded = rounds.map(|round| {
            let mut ids: Vec<_> = (0..200).map(|n| format!("evt_{round}_{n}")).collect();
            if which == 1 {
                ids.reverse();
            }
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            start.wait();
            record(stores[which], &ids)
        });
        recorded.collect()
    };
    let recorded = thread::scope(|scope| {
        let record_all = &record_all;
        let threads = [0, 1].map(|which| scope.spawn(move || record_all(which)));
        threads.map(|it| it.join().unwrap())
    });
    let new = |of: Vec<Result<Vec<_>, _>>| -> usize {
        of.into_iter().map(|it| it.unwrap().iter().filter(|it| **it == New).count()).sum()
    };
    assert_eq!(recorded.map(new).iter().sum::<usize>(), ROUNDS * 200);
}

#[test]
fn nobody_claims_what_another_store_has_claimed() {
    const EVENTS: usize = 2000;
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    given(&home.store, (0..EVENTS).map(|n| an_event(&format!("evt_{n}"))));
    let start = Barrier::new(stores.len());
    let claim_all = |store: &PostgresStore| {
        start.wait();
        let mut all = vec![];
        loop {
            let claimed = block_on(store.claim(17, LEASE, at(NOW))).unwrap();
            if claimed.is_empty() {
                return all;
            }
            all.extend(claimed.into_iter().map(|it| (it.event.id.to_string(), it.lease.0)));
        }
    };
    let claimed: Vec<_> = thread::scope(|scope| {
        let threads = stores.map(|store| scope.spawn(|| claim_all(store)));
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(claimed.len(), EVENTS);
    let events: BTreeSet<_> = claimed.iter().map(|(id, _)| id).collect();
    assert_eq!(events.len(), EVENTS);
}

#[test]
fn stores_that_settle_at_once_come_to_what_one_of_them_comes_to() {
    let events = events_about_little();
    let alone = Home::new();
    given(&alone.store, events.iter().cloned());
    while !block_on(settle_due(&alone.store, 50, at(NOW), 0)).unwrap().is_empty() {}

    for round in 1..=3 {
        let home = Home::new();
        let stores = [&home.store, &home.another_store(), &home.another_store()];
        given(&home.store, in_another_order(&events, round));
        let start = Barrier::new(stores.len());
        let settle_all = |store: &PostgresStore| {
            start.wait();
            let mut settled = 0;
            loop {
                let outcomes = block_on(settle_due(store, 5, at(NOW), 0)).unwrap();
                if outcomes.is_empty() {
                    return settled;
                }
                let as_due =
                    outcomes.iter().all(|it| it.result == portal_domain::settle::Result::Settled);
                assert!(as_due, "{outcomes:?}");
                settled += outcomes.len();
            }
        };
        let settled: Vec<_> = thread::scope(|scope| {
            let threads = stores.map(|store| scope.spawn(|| settle_all(store)));
            threads.map(|it| it.join().unwrap()).into()
        });
        assert_eq!(settled.iter().sum::<usize>(), events.len(), "{settled:?}");
        assert_eq!(ledger(&home), ledger(&alone));
        let donations =
            |home: &Home| block_on(home.store.donations(&Default::default(), None, 100)).unwrap();
        assert_eq!(donations(&home), donations(&alone));
        assert!(!donations(&home).is_empty());
        assert_eq!(block_on(home.store.backlog(at(NOW))).unwrap().pending, 0);
    }
}

#[test]
fn one_event_that_two_stores_settle_is_settled_once() {
    let home = Home::new();
    let stores = [&home.store, &home.another_store()];
    for round in 0..50 {
        given(&home.store, [an_event(&format!("evt_{round}"))]);
        let claimed = block_on(home.store.claim(1, LEASE, at(NOW))).unwrap();
        let settlements: Vec<_> = claimed.iter().map(settlement).collect();
        let start = Barrier::new(2);
        let settle = |store: &PostgresStore| {
            start.wait();
            block_on(store.settle(&settlements, at(NOW))).unwrap()
        };
        let mut settled = thread::scope(|scope| {
            let threads = stores.map(|store| scope.spawn(|| settle(store)));
            threads.map(|it| it.join().unwrap()[0])
        });
        settled.sort_by_key(|it| *it == Settled::Stale);
        assert_eq!(settled, [Settled::Applied, Settled::Stale]);
    }
}

#[test]
fn a_store_that_dies_with_claims_leaves_them_to_the_other() {
    let home = Home::new();
    let (survivor, dying) = (&home.store, home.another_store());
    given(survivor, ["evt_1", "evt_2", "evt_3"].map(an_event));
    assert_eq!(block_on(dying.claim(2, LEASE, at(NOW))).unwrap().len(), 2);
    drop(dying);
    let settled = |now| -> Vec<String> {
        let outcomes = block_on(settle_due(survivor, 10, now, 0)).unwrap();
        outcomes.iter().map(|it| it.event.id.to_string()).collect()
    };
    assert_eq!(settled(at(NOW)), ["evt_3"]);
    assert_eq!(settled(at(NOW).after(LEASE)), ["evt_1", "evt_2"]);
}

#[test]
fn a_store_that_dies_while_it_settles_keeps_nobody_waiting() {
    let home = Home::new();
    given(&home.store, ["evt_1", "evt_2"].map(an_event));
    let dying = Arc::new(home.another_store());
    let claimed = block_on(dying.claim(1, LEASE, at(NOW))).unwrap();
    let settlements: Vec<_> = claimed.iter().map(settlement).collect();
    // It is in the midst of its transaction, and waits.
    home.other_program.run("begin; lock table payment in access exclusive mode");
    let settling = Arc::clone(&dying);
    let ended = thread::spawn(move || block_on(settling.settle(&settlements, at(NOW))));
    home.other_program.wait_for(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
         and datname = current_database()",
        "1",
    );
    home.other_program.cut_all();
    assert_eq!(ended.join().unwrap(), Err(StoreError::Unreachable));
    home.other_program.run("commit");
    drop(dying);
    assert!(eventually(|| block_on(settle_due(&home.store, 10, at(NOW), 0)).is_ok()));
    let later = at(NOW).after(LEASE);
    assert_eq!(block_on(settle_due(&home.store, 10, later, 0)).unwrap().len(), 1);
    assert_eq!(block_on(home.store.backlog(later)).unwrap().pending, 0);
}

#[test]
fn two_tellers_of_one_channel_never_both_claim_a_notice() {
    const TROUBLES: u64 = 40;
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    let troubles: Vec<_> = (0..TROUBLES).map(|n| AlertChange::Raise(contested(n))).collect();
    block_on(home.store.raise(&troubles, at(NOW))).unwrap();
    let start = Barrier::new(stores.len());
    let tell_all = |store: &PostgresStore| {
        start.wait();
        let mut told = vec![];
        while let Some(claimed) =
            block_on(store.claim_notice("slack-1", NOTICE_LEASE, at(NOW))).unwrap()
        {
            let (key, lease) = (claimed.notice.key, claimed.lease);
            let settlement =
                NoticeSettlement { key: key.clone(), lease, told: Ok(Action::Trigger) };
            block_on(store.settle_notice("slack-1", &settlement, at(NOW))).unwrap();
            told.push(key);
        }
        told
    };
    let told: Vec<_> = thread::scope(|scope| {
        let threads = stores.map(|store| scope.spawn(|| tell_all(store)));
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(told.len() as u64, TROUBLES, "{told:?}");
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len() as u64, TROUBLES);
    // Another channel has heard of none.
    let elsewhere = block_on(home.store.claim_notice("discord-1", NOTICE_LEASE, at(NOW)));
    assert!(elsewhere.unwrap().is_some());
}

#[test]
fn tellers_that_look_at_the_same_moment_claim_different_notices() {
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    let troubles: Vec<_> = (0..9).map(|n| AlertChange::Raise(contested(n))).collect();
    block_on(home.store.raise(&troubles, at(NOW))).unwrap();
    // All have seen what is due, and none has claimed it yet.
    home.other_program.run("begin; lock table notice in exclusive mode");
    let claim = |store: &PostgresStore| {
        let claimed = block_on(store.claim_notice("slack-1", NOTICE_LEASE, at(NOW))).unwrap();
        claimed.unwrap().notice.key
    };
    let claimed: BTreeSet<_> = thread::scope(|scope| {
        let threads = stores.map(|store| scope.spawn(|| claim(store)));
        home.other_program.wait_for(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
             and datname = current_database()",
            "3",
        );
        home.other_program.run("commit");
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(claimed.len(), 3, "{claimed:?}");
}

#[test]
fn stores_that_raise_the_same_troubles_count_each_time() {
    const TIMES: u64 = 30;
    let home = Home::new();
    let stores = [&home.store, &home.another_store()];
    let raise_all = |which: usize| {
        for _ in 0..TIMES {
            let mut troubles: Vec<_> = (0..8).map(|n| AlertChange::Raise(contested(n))).collect();
            if which == 1 {
                troubles.reverse();
            }
            block_on(stores[which].raise(&troubles, at(NOW))).unwrap();
        }
    };
    thread::scope(|scope| {
        for which in [0, 1] {
            scope.spawn(move || raise_all(which));
        }
    });
    let counts =
        block_on(home.store.alerts(100)).unwrap().iter().map(|it| it.count).collect::<Vec<_>>();
    assert_eq!(counts, [2 * TIMES; 8]);
}

#[test]
fn whatever_happens_at_once_no_claim_is_left_without_its_event() {
    const ROUNDS: usize = 30;
    let home = Home::new();
    let stores: Vec<_> = (0..4).map(|_| home.another_store()).collect();
    let ended = AtomicBool::new(false);
    let orphans = "select count(*) from unsettled u \
                   where not exists (select 1 from event e where e.seq = u.seq)";
    let all = || Selection::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                block_on(stores[0].prune(at(NOW), 7)).unwrap();
            }
        });
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                block_on(settle_due(&stores[1], 13, at(NOW), 0)).unwrap();
            }
        });
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                block_on(stores[2].apply(Remedy::Retry, &all(), at(NOW))).unwrap();
            }
        });
        scope.spawn(|| {
            // The same ids come again and again, pruned or not.
            for n in (0..50).cycle().take_while(|_| !ended.load(Ordering::Relaxed)) {
                let ids = [format!("evt_{n}"), format!("evt_{}", n + 1)];
                record(&stores[3], &[&ids[0], &ids[1]]).unwrap();
            }
        });
        for _ in 0..ROUNDS {
            let seen = home.other_program.ask(orphans);
            thread::sleep(Duration::from_millis(50));
            if seen != "0" {
                break;
            }
        }
        ended.store(true, Ordering::Relaxed);
    });
    assert_eq!(home.other_program.ask(orphans), "0");
    while !block_on(settle_due(&home.store, 100, at(NOW + 100_000), 0)).unwrap().is_empty() {}
    while block_on(home.store.prune(at(NOW), 1000)).unwrap() > 0 {}
    assert_eq!(home.other_program.ask("select count(*) from event"), "0");
    assert_eq!(home.other_program.ask("select count(*) from unsettled"), "0");
}

#[test]
fn an_event_that_is_supplied_and_ignored_at_once_is_not_settled() {
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    for round in 0..50 {
        let event = Event {
            payload: Payload::Thin,
            facts: None,
            state: State::Waiting,
            ..an_event(&format!("evt_{round}"))
        };
        let facts = an_event("evt_1").facts.unwrap();
        let supplied = Supplied::Object { facts, at: at(NOW) };
        given(&home.store, [event.clone()]);
        let start = Barrier::new(stores.len());
        let supply = |store: &PostgresStore| {
            start.wait();
            block_on(store.supply(&event.id, &supplied, at(NOW))).unwrap()
        };
        let settled = thread::scope(|scope| {
            let suppliers = [stores[0], stores[1]].map(|store| scope.spawn(|| supply(store)));
            start.wait();
            let ignored = block_on(stores[2].apply(Remedy::Ignore, &Selection::default(), at(NOW)));
            assert_eq!(ignored, Ok(1));
            suppliers.map(|it| it.join().unwrap())
        });
        assert_ne!(settled, [Settled::Applied; 2]);
        let event = block_on(home.store.event(&event.id)).unwrap().unwrap();
        assert_eq!(event.state, State::Ignored(IgnoredReason::ByOperator));
        assert_eq!(home.other_program.ask("select count(*) from unsettled"), "0");
    }
}

#[test]
fn one_errand_is_begun_by_one_store_at_a_time() {
    const ROUNDS: i64 = 50;
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    for round in 0..ROUNDS {
        let start = Barrier::new(stores.len());
        let begin = |store: &PostgresStore| {
            start.wait();
            // The lease of the round before has ended.
            let now = at(NOW + round * LEASE.as_secs());
            block_on(store.begin("reconcile", LEASE, now)).unwrap()
        };
        let begun: Vec<_> = thread::scope(|scope| {
            let threads = stores.map(|store| scope.spawn(|| begin(store)));
            threads.into_iter().filter_map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(begun, [Begun { lease: Lease(round + 1), position: None }]);
    }
}

#[test]
fn reads_that_several_stores_count_at_once_are_all_counted() {
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    // All have looked at what was counted before, and none has counted yet.
    home.other_program.run("begin; insert into reads (day, count) values (50, 10)");
    let mut told = thread::scope(|scope| {
        let threads =
            stores.map(|store| scope.spawn(|| block_on(store.spend(3, on_day(50))).unwrap()));
        home.other_program.wait_for(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
             and datname = current_database()",
            "3",
        );
        home.other_program.run("commit");
        threads.map(|it| it.join().unwrap())
    });
    told.sort_unstable();
    assert_eq!(told, [13, 16, 19]);
}

#[test]
fn whoever_counts_reads_does_not_wait_for_another_who_forgets_old_ones() {
    let home = Home::new();
    assert_eq!(block_on(home.store.spend(5, on_day(1))), Ok(5));
    home.other_program.run("begin; delete from reads where day = 1");
    assert_eq!(block_on(home.store.spend(3, on_day(50))), Ok(3));
    home.other_program.run("rollback");
    assert_eq!(block_on(home.store.spend(0, on_day(50))), Ok(3));
    assert_eq!(home.other_program.ask("select day from reads"), "50");
}

#[test]
fn reports_that_several_stores_file_at_once_have_the_next_numbers() {
    const REPORTS: u64 = 20;
    let home = Home::new();
    let stores = [&home.store, &home.another_store(), &home.another_store()];
    let report = Report::begun(Window { since: at(0), until: at(NOW) }, true);
    let start = Barrier::new(stores.len());
    let file_all = |store: &PostgresStore| -> Vec<u64> {
        start.wait();
        (0..REPORTS).map(|_| block_on(store.file_report(&report)).unwrap()).collect()
    };
    let numbers: BTreeSet<_> = thread::scope(|scope| {
        let threads = stores.map(|store| scope.spawn(|| file_all(store)));
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(numbers, (1..=3 * REPORTS).collect());
}

#[test]
fn a_retry_wakes_the_other_stores() {
    let home = Home::new();
    let (proxy, database) = (Proxy::start(cluster().address()).unwrap(), home.url());
    let (_, name) = database.rsplit_once('/').unwrap();
    let url = cluster().url_through(&proxy, name.split('?').next().unwrap());
    let listening = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    let (call, called) = mpsc::channel();
    listening.on_wake(move || call.send(()).unwrap_or_default());
    let second = Duration::from_secs(1);
    // Something may have been missed before it listened.
    called.recv_timeout(5 * second).unwrap();

    given(&home.store, [an_event("evt_1")]);
    assert_eq!(called.recv_timeout(second / 2).ok(), None, "only a remedy wakes");
    for time in 1..=2 {
        let retried = block_on(home.store.apply(Remedy::Retry, &Selection::default(), at(NOW)));
        assert_eq!(retried, Ok(1));
        assert_eq!(called.recv_timeout(second), Ok(()), "{time}");
        assert_eq!(called.recv_timeout(second / 2).ok(), None, "once is enough");
        if time == 1 {
            proxy.cut();
            proxy.pass();
            // It listens again, and may have missed something meanwhile.
            assert_eq!(called.recv_timeout(5 * second), Ok(()));
        }
    }
    drop(listening);
    let sessions = "select count(*) from pg_stat_activity \
                    where query like 'listen %' and datname = current_database()";
    home.other_program.wait_for(sessions, "0");
}

#[test]
fn a_reader_beside_a_writer_sees_what_is_committed() {
    let home = Home::new();
    let reader = home.another_store();
    assert_eq!(ids(&reader), Ok(vec![]));
    assert_eq!(record(&home.store, &["evt_1"]), Ok(vec![New]));
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));

    home.other_program.run("begin; delete from event");
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));
    home.other_program.run("rollback");
}

#[test]
fn everything_is_there_after_reopening() {
    let mut home = Home::new();
    let first = Event { livemode: true, ..an_event("evt_1") };
    assert_eq!(given(&home.store, [first.clone()]), [New]);
    assert_eq!(record(&home.store, &["evt_3", "evt_2"]), Ok(vec![New, New]));
    home.reopen();
    let store = &home.store;
    assert_eq!(block_on(store.event(&first.id)), Ok(Some(first)));
    assert_eq!(record(store, &["evt_3", "evt_0"]), Ok(vec![Duplicate, New]));
    let newest_first = ["evt_0", "evt_2", "evt_3", "evt_1"].map(str::to_owned).to_vec();
    assert_eq!(ids(store), Ok(newest_first));
    let event = block_on(store.event(&text("evt_0"))).unwrap().unwrap();
    assert_eq!(event.state, State::Pending);
}

/// So many days after 1970.
fn on_day(days: i64) -> UnixSeconds {
    at(days * 24 * 60 * 60)
}

fn given(store: &PostgresStore, events: impl IntoIterator<Item = Event>) -> Vec<Recorded> {
    block_on(store.record(&batch(events))).unwrap()
}

/// A trouble that is told once, of which there are as many as one likes.
fn contested(n: u64) -> Alert {
    Alert::RefundFailed {
        refund: text(&format!("re_{n}")),
        payment: text("pi_1"),
        amount: 1000,
        currency: text("jpy"),
        livemode: true,
    }
}

/// The ledger's rows, as text.
fn ledger(home: &Home) -> Vec<String> {
    let rows = |table: &str| {
        home.other_program.ask(&format!("select it::text from {table} it order by id"))
    };
    ["payment", "invoice", "refund", "dispute"].map(rows).into()
}

/// `events`, of which each comes anywhere.
fn in_another_order(events: &[Event], round: usize) -> Vec<Event> {
    /// Greater than the number of events, and prime: all places differ.
    const PRIME: usize = 10_007;
    let mut places: Vec<_> = (1..).zip(events).collect();
    places.sort_by_key(|(n, _)| n * 7919 * round % PRIME);
    places.into_iter().map(|(_, event)| event.clone()).collect()
}

/// Hundreds of events about a few payments, invoices, refunds and disputes.
fn events_about_little() -> Vec<Event> {
    let mut all: Vec<Told> = vec![];
    for second in 1..=6 {
        for n in 1..=3 {
            let (pi, ch, id) = (format!("pi_{n}"), format!("ch_{n}"), format!("in_{n}"));
            for status in ["requires_action", "succeeded"] {
                all.push(told(NEW, second, "payment_intent.updated", payment(&pi, status)));
                all.push(told(OLD, second, "payment_intent.updated", payment(&pi, status)));
            }
            for (total, status) in
                [(0, "pending"), (0, "succeeded"), (300, "succeeded"), (700, "succeeded")]
            {
                let seen = charge(&ch, &pi, status).with("amount_refunded", total + second);
                all.push(told(NEW, second, "charge.updated", seen));
            }
            for status in ["open", "paid"] {
                all.push(told(NEW, second, "invoice.updated", new_invoice(&id, status)));
                all.push(told(OLD, second, "invoice.updated", old_invoice(&id, status, "pi_1")));
            }
            all.push(told(NEW, second, "invoice_payment.paid", invoice_payment(&id, "pi_2")));
            for status in ["pending", "succeeded", "failed"] {
                let seen = refund(&format!("re_{n}"), &pi, status, 100 * n);
                all.push(told(NEW, second, "refund.updated", seen));
            }
            for status in ["warning_needs_response", "needs_response", "lost"] {
                let seen = dispute(&pi, status).with("id", format!("du_{n}"));
                all.push(told(NEW, second, "charge.dispute.updated", seen));
            }
        }
    }
    let all = all.into_iter().enumerate();
    all.map(|(n, told)| told.known_as(&format!("evt_{n}")).event()).collect()
}
