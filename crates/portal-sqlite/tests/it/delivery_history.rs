//! The delivery history is read without reading or writing again what was rolled up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::home::{TestHome, record};
use crate::noting::statements_of;
use portal_contract::{at, block_on};
use portal_domain::Reports as _;

#[test]
fn where_nothing_is_new_nothing_is_written() {
    let home = TestHome::new();
    let store = home.store();
    let other = home.other_program();
    let version = || -> i64 {
        other.query_row("select data_version from pragma_data_version", [], |it| it.get(0)).unwrap()
    };
    let before = version();
    block_on(store.delivery_history(at(0))).unwrap();
    assert_eq!(version(), before, "an empty inbox");
    record(&store, &["evt_1", "evt_2"]).unwrap();
    block_on(store.delivery_history(at(0))).unwrap();
    let before = version();
    assert_eq!(block_on(store.delivery_history(at(0))).unwrap().events, 2);
    assert_eq!(version(), before);
}

#[test]
fn a_lock_that_is_let_go_soon_is_waited_for() {
    let home = TestHome::new();
    let store = home.store();
    record(&store, &["evt_1"]).unwrap();
    let other = home.other_program();
    other.execute_batch("begin immediate").unwrap();
    thread::scope(|scope| {
        let asking = scope.spawn(|| block_on(store.delivery_history(at(0))));
        // Longer than one attempt.
        thread::sleep(Duration::from_millis(300));
        other.execute_batch("commit").unwrap();
        assert_eq!(asking.join().unwrap().map(|it| it.events), Ok(1));
    });
}

#[test]
fn deliveries_do_not_wait_until_a_large_inbox_is_rolled_up() {
    let home = TestHome::new();
    let store = home.store();
    record(&store, &["evt_0"]).unwrap();
    let many =
        "insert into event (id, payload, type, created, livemode, state, origin, received_at)
        with recursive n (n) as (values (1) union all select n + 1 from n where n < 300000)
        select 'evt_' || n, payload, type, created, livemode, state, origin, received_at
        from n, (select * from event)";
    home.other_program().execute_batch(many).unwrap();
    let asked = AtomicBool::new(false);
    thread::scope(|scope| {
        let rolling_up = scope.spawn(|| {
            asked.store(true, Ordering::Relaxed);
            block_on(store.delivery_history(at(0))).unwrap().events
        });
        while !asked.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(20));
        record(&store, &["evt_delivered"]).unwrap();
        assert!(!rolling_up.is_finished(), "it waited for all of it");
        assert!(rolling_up.join().unwrap() >= 300_001);
    });
}

#[test]
fn only_new_events_are_read() {
    let home = TestHome::new();
    drop(home.store());
    let other = home.other_program();
    for statement in statements_of(async |store| store.delivery_history(at(0)).await) {
        let explain = format!("explain query plan {statement}");
        let mut plan = other.prepare(&explain).unwrap();
        let values = rusqlite::params_from_iter(vec![1; plan.parameter_count()]);
        let rows = plan.query_map(values, |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<_> = rows.collect::<Result<_, _>>().unwrap();
        let by_place = |it: &str| it == "SEARCH event" || it.contains("USING INTEGER PRIMARY KEY");
        for step in plan.iter().filter(|it| it.contains(" event")) {
            assert!(by_place(step), "{step} in {plan:#?}");
        }
    }
}

#[test]
fn each_span_of_hours_is_found_by_its_key() {
    let home = TestHome::new();
    drop(home.store());
    let other = home.other_program();
    let spans = [[at(0), at(7200)], [at(36_000), at(43_200)]];
    let statements = statements_of(async |store| store.delivery_hours(&spans).await);
    let explain = format!("explain query plan {}", statements.join(";"));
    let mut plan = other.prepare(&explain).unwrap();
    let values = rusqlite::params_from_iter(vec![1; plan.parameter_count()]);
    let rows = plan.query_map(values, |row| row.get::<_, String>(3)).unwrap();
    let plan: Vec<_> = rows.collect::<Result<_, _>>().unwrap();
    let by_key = "SEARCH delivery_hour USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)";
    assert_eq!(plan.iter().filter(|it| *it == by_key).count(), 2, "{plan:#?}");
    assert!(!plan.iter().any(|it| it.starts_with("SCAN")), "{plan:#?}");
}
