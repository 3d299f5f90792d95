//! How much the server reads for a step: not more than the step is about, however much there is.

#![expect(clippy::unwrap_used, reason = "a store that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

use home::{Home, record};
use portal_domain::Recorded::{Duplicate, New};
use portal_domain::settle::{LEASE, settle_due};
use portal_domain::{Event, EventFilter, Remedy, Selection, Store as _};
use portal_postgres::PostgresStore;
use portal_store_suite::{an_event, at, batch, block_on, everything, text};

/// How often each step is done: the server may choose another plan from the sixth time on.
const TIMES: u64 = 12;

/// Rows that the server has read in the tables of this service, by index or without.
const ROWS_READ: &str = "select \
    (select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables \
     where schemaname = 'donation_portal') + \
    (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes \
     where schemaname = 'donation_portal')";

/// Sessions that may still have to tell what they have read.
const SESSIONS: &str = "select count(*) from pg_stat_activity \
    where application_name = 'donation-portal' and datname = current_database()";

#[test]
fn no_step_reads_what_it_is_not_about() {
    const EVENTS: u64 = 200_000;
    let home = Home::new();
    // Settled, one a second, and five that are not.
    home.other_program.run(&format!(
        "insert into event (seq, id, payload, type, created, livemode, state, origin, received_at)
         select n, 'evt_' || n, 'snapshot', 'payment_intent.succeeded', n, true, 'pending',
             'delivered', n
         from generate_series(1, {EVENTS}) n;
         select setval('event_seq', {EVENTS})"
    ));
    let latest = EventFilter { limit: 20, ..everything() };
    let some = |store: &PostgresStore, n| {
        let ids = vec![text("evt_30000"), text(&format!("evt_{}", 100_000 + n))];
        let some = Selection { ids, ..Selection::default() };
        block_on(store.apply(Remedy::Retry, &some, at(2_000_000)))
    };
    let steps: [(&str, u64, Step<'_>); 10] = [
        ("claim", 5, &|store, n| {
            // All leases have ended by then.
            let now = at(1_000_000 + i64::try_from(n).unwrap() * 10_000);
            assert_eq!(block_on(store.claim(512, LEASE, now)).unwrap().len(), 5);
        }),
        ("claim nothing", 7, &|store, _| {
            assert_eq!(block_on(store.claim(512, LEASE, at(0))), Ok(vec![]));
        }),
        ("record", 3, &|store, n| {
            let ids = [format!("evt_a{n}"), format!("evt_b{n}")];
            assert_eq!(record(store, &[&ids[0], &ids[1]]), Ok(vec![New, New]));
            assert_eq!(record(store, &[&ids[0], "evt_90000"]), Ok(vec![Duplicate, Duplicate]));
        }),
        ("settle", 30, &|store, n| {
            let events = (0..3).map(|it| an_event(&format!("evt_s{n}_{it}")));
            block_on(store.record(&batch(events))).unwrap();
            block_on(settle_due(store, 3, at(3_000_000_000), 0)).unwrap();
        }),
        ("event", 1, &|store, n| {
            assert!(
                block_on(store.event(&text(&format!("evt_{}", 90_000 + n)))).unwrap().is_some()
            );
        }),
        ("latest events", 20, &|store, _| {
            assert_eq!(block_on(store.events(&latest)).unwrap().len(), 20);
        }),
        ("backlog", 35, &|store, _| {
            assert!(block_on(store.backlog(at(0))).unwrap().pending > 0);
        }),
        // And what is not settled, which is little.
        ("retry by id", 60, &|store, n| assert_eq!(some(store, n), Ok(2))),
        ("prune", 96, &|store, _| {
            assert_eq!(block_on(store.prune(at(150_000), 64)), Ok(64));
        }),
        ("ping", 1, &|store, n| {
            assert_eq!(block_on(store.ping(at(n.cast_signed()))), Ok(()));
        }),
    ];
    for analyzed in [false, true] {
        home.other_program.run(
            "delete from unsettled;
             insert into unsettled (seq, due_at) select n * 30000, 0 from generate_series(1, 5) n",
        );
        assert_read_little(&home, &steps, analyzed);
    }
}

#[test]
fn no_step_of_reconciling_reads_what_it_is_not_about() {
    const EVENTS: u64 = 200_000;
    const GIFTS: u64 = 20_000;
    let home = Home::new();
    // One thin event for each hundred snapshots, of which some wait, and paid invoices.
    home.other_program.run(&format!(
        "insert into event (seq, id, payload, type, created, livemode, state, origin, received_at)
         select n, 'evt_' || n, 'snapshot', 'payment_intent.succeeded', n, true, 'pending',
             'delivered', n
         from generate_series(1, {EVENTS}) n;
         update event set payload = 'thin', type = 'v1.' || type, object_id = 'pi_' || seq
         where seq % 100 = 0;
         update event set state = 'waiting' where seq % 20000 = 0;
         insert into invoice (id, progress, amount, currency, livemode)
         select 'in_' || n, 'paid', 500, 'jpy', true from generate_series(1, {GIFTS}) n;
         insert into payment (id, progress, amount, currency, livemode, evidence, invoice)
         select 'pi_' || n, 'paid', 500, 'jpy', true, 10, 'in_' || n
         from generate_series(1, {GIFTS}) n"
    ));
    let steps: [(&str, u64, Step<'_>); 3] = [
        ("waiting", 5, &|store, _| {
            assert_eq!(block_on(store.waiting(5, at(0))).unwrap().len(), 5);
        }),
        ("told thin", 3, &|store, _| {
            let asked = ["pi_300", "pi_301", "pi_700"]
                .map(|id| Event { object_id: Some(text(id)), ..an_event(id) });
            assert_eq!(block_on(store.told_thin(&batch(asked))), Ok(vec![true, false, true]));
        }),
        // By their own ids and by those of their payments.
        ("donations of", 10, &|store, n| {
            let both = |n| [text(&format!("in_{n}")), text(&format!("pi_{}", 1000 + n))];
            let ids: Vec<_> = (n + 1..=n + 5).flat_map(both).collect();
            let found = block_on(store.donations_of(&ids)).unwrap();
            assert!(found.iter().all(Option::is_some), "{found:?}");
        }),
    ];
    for analyzed in [false, true] {
        assert_read_little(&home, &steps, analyzed);
    }
}

#[test]
fn what_was_settled_does_not_slow_down_what_is_to_be() {
    const EVENTS: usize = 512;
    const TURNS: usize = 100;
    let home = Home::new();
    // No vacuum comes in between.
    home.other_program.run("alter table unsettled set (autovacuum_enabled = off)");
    let turns = |which: std::ops::Range<usize>| {
        rows_and_pages_read(&home, |store| {
            for turn in which.clone() {
                let events = (0..EVENTS).map(|n| an_event(&format!("evt_{turn}_{n}")));
                block_on(store.record(&batch(events))).unwrap();
                let settled = block_on(settle_due(store, 512, at(1_760_000_100), 0)).unwrap();
                assert_eq!(settled.len(), EVENTS);
            }
        })
    };
    let first = turns(0..10);
    turns(10..TURNS - 10);
    let last = turns(TURNS - 10..TURNS);
    assert!(last.0 < 2 * first.0, "rows: first {}, last {}", first.0, last.0);
    assert!(last.1 < 3 * first.1, "pages: first {}, last {}", first.1, last.1);
}

type Step<'s> = &'s dyn Fn(&PostgresStore, u64);

/// Each step, with how many rows it is about.
fn assert_read_little(home: &Home, steps: &[(&str, u64, Step<'_>)], analyzed: bool) {
    if analyzed {
        home.other_program.run("analyze");
    }
    for (name, rows, step) in steps {
        let read = rows_read(home, |store| {
            for n in 0..TIMES {
                step(store, n + u64::from(analyzed) * TIMES);
            }
        });
        // A row is read in a table and in an index or two, and in more than one subquery.
        let due = (rows * 6 + 12) * TIMES;
        assert!(read <= due, "{name}: {read} rows instead of {due} ({analyzed})");
    }
}

/// What `step` makes the server read, on connections of its own.
fn rows_read(home: &Home, step: impl FnOnce(&PostgresStore)) -> u64 {
    rows_and_pages_read(home, step).0
}

fn rows_and_pages_read(home: &Home, step: impl FnOnce(&PostgresStore)) -> (u64, u64) {
    /// Pages of the claims, of the table and of its index.
    const PAGES_READ: &str = "select heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read \
                              from pg_statio_user_tables where relname = 'unsettled'";
    let read = || {
        home.other_program.wait_for(SESSIONS, "0");
        [ROWS_READ, PAGES_READ].map(|query| home.other_program.ask(query).parse::<u64>().unwrap())
    };
    home.other_program.cut_all();
    let before = read();
    let store = home.another_store();
    step(&store);
    drop(store);
    let after = read();
    (after[0] - before[0], after[1] - before[1])
}
