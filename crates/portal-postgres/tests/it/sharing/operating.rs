//! Several stores change the states of the same events.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use portal_contract::{an_event, at, batch, block_on, text};
use portal_domain::reprocess::reprocess_page;
use portal_domain::{
    AlertFilter, AlertRow, Alerts as _, Entry, Event, IgnoredReason, Inbox as _, Jobs as _,
    OperatorAction, Payload, Reports as _, Reprocess, Selection, State, Written,
};

use crate::home::{TestHome, given, record};
use crate::sharing::{DEAD, at_once, decided_again};

const ROUNDS: usize = 50;

#[test]
fn one_event_that_two_stores_reprocess_is_reprocessed_once() {
    let home = TestHome::new();
    let dead = (0..ROUNDS).map(|it| Event { state: DEAD, ..an_event(&format!("evt_{it}")) });
    block_on(home.store.record(&batch(dead), at(0))).unwrap();
    let written = at_once(&home, 2, ROUNDS, |_, round, store| {
        let step = decided_again(&format!("evt_{round}"));
        block_on(store.reprocess(&[step], at(0))).unwrap()
    });
    for (one, other) in written[0].iter().zip(&written[1]) {
        assert_ne!(one, other);
    }
    let alerts = block_on(home.store.alerts(AlertFilter::All, 10)).unwrap();
    let alerts: Vec<_> = alerts.iter().map(|it| (it.key.as_str(), it.open)).collect();
    assert_eq!(alerts, [("event_dead", false)]);
}

#[test]
fn an_event_that_gets_its_object_and_is_ignored_at_once_is_one_of_both() {
    let home = TestHome::new();
    let events: Vec<_> = (0..ROUNDS).map(|it| awaiting(&format!("evt_{it}"))).collect();
    block_on(home.store.record(&batch(events.clone()), at(0))).unwrap();
    let written = at_once(&home, 3, ROUNDS, |which, round, store| {
        let event = Event { facts: an_event("evt_1").facts, ..events[round].clone() };
        if which == 2 {
            let one = Selection { ids: vec![event.id], ..Selection::default() };
            block_on(store.ignore(&one, at(0))).unwrap() == 1
        } else {
            let entry = Entry::decide_again(event);
            let step = Reprocess { from: State::AwaitingObject { was_dead: false }, entry };
            block_on(store.reprocess(&[step], at(0))).unwrap() == [Written::Applied]
        }
    });
    for round in 0..ROUNDS {
        let applied = written.iter().filter(|it| it[round]).count();
        assert_eq!(applied, 1, "{round}");
        let event = block_on(home.store.event(&text(&format!("evt_{round}")))).unwrap();
        let ignored = State::Ignored(IgnoredReason::ByOperator);
        let due = if written[2][round] { ignored } else { State::Processed };
        assert_eq!(event.map(|it| it.state), Some(due), "{round}");
    }
}

#[test]
fn an_event_that_is_processed_meanwhile_is_not_postponed() {
    let home = TestHome::new();
    block_on(home.store.record(&batch([awaiting("evt_1")]), at(0))).unwrap();
    // Another store has fetched the object, but has not committed yet.
    home.other_program.run(
        "begin; select pg_advisory_xact_lock(x'444f4e41'::integer, 1);
         update event set state = 'processed'",
    );
    let postponed = thread::scope(|scope| {
        let postponing = scope.spawn(|| block_on(home.store.postpone_fetch(&text("evt_1"), at(9))));
        home.other_program.wait_for_waiting(1);
        home.other_program.run("commit");
        postponing.join().unwrap()
    });
    assert_eq!(postponed, Ok(Written::Stale));
    assert_eq!(home.other_program.ask("select count(*) from fetch_queue"), "0");
}

#[test]
fn an_event_that_dies_while_the_last_dead_one_is_ignored_keeps_its_alert_open() {
    let home = TestHome::new();
    let dead = |id| batch([Event { state: DEAD, ..an_event(id) }]);
    block_on(home.store.record(&dead("evt_1"), at(0))).unwrap();
    // Another store records the event, but has not committed yet.
    home.other_program.run(
        "begin;
         create temporary table copy on commit drop as select * from event;
         update copy set id = 'evt_2', seq = nextval('event_seq');
         insert into event select * from copy;
         update alert set count = count + 1",
    );
    let one = Selection { ids: vec![text("evt_1")], ..Selection::default() };
    let ignored = thread::scope(|scope| {
        let ignoring = scope.spawn(|| block_on(home.store.ignore(&one, at(1))));
        home.other_program.wait_for_waiting(1);
        home.other_program.run("commit");
        ignoring.join().unwrap()
    });
    assert_eq!(ignored, Ok(1));
    assert_eq!(block_on(home.store.backlog()).map(|it| it.dead), Ok(1));
    let open = |it: Vec<AlertRow>| it.iter().map(|it| it.open).collect::<Vec<_>>();
    assert_eq!(block_on(home.store.alerts(AlertFilter::All, 10)).map(open), Ok(vec![true]));
    assert_eq!(block_on(home.store.ignore(&Selection::default(), at(2))), Ok(1));
    assert_eq!(block_on(home.store.alerts(AlertFilter::All, 10)).map(open), Ok(vec![false]));
}

#[test]
fn whatever_happens_at_once_nothing_is_left_in_the_queue_without_its_event() {
    const SECONDS: Duration = Duration::from_secs(2);
    let home = TestHome::new();
    let ended = AtomicBool::new(false);
    let orphans = "select count(*) from fetch_queue where seq not in \
                   (select seq from event where state = 'awaiting_object')";
    let (ids, all) = (|n| [format!("evt_{n}"), format!("evt_{}", n + 1)], Selection::default());
    // On a loaded machine the first recording among the others may come after their time.
    record(&home.store, &ids(0).each_ref().map(String::as_str)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(SECONDS);
            ended.store(true, Ordering::Relaxed);
        });
        at_once(&home, 6, 1, |which, _, store| {
            // The same ids are recorded repeatedly, whether they were pruned or not.
            for n in (0..50).cycle().take_while(|_| !ended.load(Ordering::Relaxed)) {
                match which {
                    0 => drop(block_on(store.prune(at(2_000_000_000), 7)).unwrap()),
                    1 => drop(block_on(reprocess_page(store, &all, None, at(0))).unwrap()),
                    2 => drop(block_on(store.ignore(&all, at(0))).unwrap()),
                    3 => drop(record(store, &ids(n).each_ref().map(String::as_str)).unwrap()),
                    4 => {
                        let events = ids(50 + n).map(|it| awaiting(&it));
                        block_on(store.record(&batch(events), at(0))).unwrap();
                    }
                    _ => {
                        let due = block_on(store.awaiting_object(5, at(100))).unwrap();
                        for it in due {
                            block_on(store.postpone_fetch(&it.event.id, at(50))).unwrap();
                        }
                    }
                }
            }
        });
    });
    assert_eq!(home.other_program.ask(orphans), "0");
    assert_eq!(given(&home.store), [("pi_1".to_owned(), 3000)]);
    block_on(home.store.ignore(&all, at(0))).unwrap();
    assert_eq!(block_on(home.store.count_for(OperatorAction::Ignore, &all)), Ok(0));
    while block_on(home.store.prune(at(2_000_000_000), 1000)).unwrap() > 0 {}
    assert_eq!(home.other_program.ask("select count(*) from event"), "0");
    assert_eq!(home.other_program.ask("select count(*) from fetch_queue"), "0");
}

/// Returns a thin event, which awaits its object.
fn awaiting(id: &str) -> Event {
    let state = State::AwaitingObject { was_dead: false };
    Event { payload: Payload::Thin, facts: None, state, ..an_event(id) }
}
