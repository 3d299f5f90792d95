//! The ledger refuses the changes of one of many events.

use std::sync::Arc;

use portal_contract::broken::{self, BROKEN};
use portal_contract::stripe::{old, payment};
use portal_contract::{at, batch, block_on};
use portal_domain::Recorded::{Duplicate, WithoutChanges};
use portal_domain::alert::EVENT_DEAD;
use portal_domain::record::record_all;
use portal_domain::{AlertFilter, Alerts as _, Entry, StoreError};

use crate::home::{NEW, TestHome, given, ids};

#[test]
fn a_batch_whose_changes_fail_leaves_nothing() {
    block_on(broken::a_batch_whose_changes_fail_leaves_nothing(&broken_home().store));
}

#[test]
fn an_event_whose_changes_fail_is_recorded_dead_between_its_neighbours() {
    let home = broken_home();
    let case = broken::an_event_whose_changes_fail_is_recorded_dead_between_its_neighbours;
    block_on(case(&home.store));
}

#[test]
fn an_event_whose_changes_fail_stays_dead_between_its_neighbours() {
    let home = broken_home();
    block_on(broken::an_event_whose_changes_fail_stays_dead_between_its_neighbours(&home.store));
}

#[test]
fn a_batch_of_which_one_is_dead_is_a_duplicate_and_counted_once_when_it_comes_again() {
    let home = broken_home();
    let store = &home.store;
    let recorded = block_on(record_all(store, &three(), at(0)));
    let refused = StoreError::Failed("not this one (SQLSTATE P0001)".into());
    assert_eq!(recorded, [Ok(NEW), Ok(WithoutChanges(refused)), Ok(NEW)]);
    let written = || {
        let alerts = block_on(store.alerts(AlertFilter::All, 10)).unwrap();
        let alerts: Vec<_> = alerts.into_iter().map(|it| (it.key, it.open, it.count)).collect();
        (ids(store).unwrap(), given(store), alerts, ledger(&home))
    };
    let before = written();
    assert_eq!(before.0, ["evt_3", "evt_2", "evt_1"]);
    assert_eq!(before.1, [("pi_3".to_owned(), 1000), ("pi_1".to_owned(), 1000)]);
    assert_eq!(before.2, [(EVENT_DEAD.to_owned(), true, 1)]);
    for _ in 0..2 {
        assert_eq!(block_on(record_all(store, &three(), at(0))), [const { Ok(Duplicate) }; 3]);
        assert_eq!(written(), before);
    }
}

#[test]
fn what_is_kept_wrongly_is_found_and_repaired() {
    let home = TestHome::new();
    let damage = |sql: &str| home.other_program.run(sql);
    block_on(broken::what_is_kept_wrongly_is_found_and_repaired(&home.store, damage));
}

/// Returns three gifts, of which the ledger refuses the second.
fn three() -> Vec<Arc<Entry>> {
    let gift = |second, pi, id| {
        let paid = payment(pi, "succeeded");
        old(second, "payment_intent.succeeded", paid).known_as(id).event()
    };
    batch([gift(1, "pi_1", "evt_1"), gift(2, BROKEN, "evt_2"), gift(3, "pi_3", "evt_3")])
}

fn ledger(home: &TestHome) -> String {
    home.other_program.ask("select it::text from payment it order by id")
}

fn broken_home() -> TestHome {
    let home = TestHome::new();
    home.other_program.run(&format!(
        "create function refuse() returns trigger language plpgsql as
             'begin raise exception ''not this one''; end';
         create trigger refuse before insert on payment for each row
             when (new.id = '{BROKEN}') execute function refuse()"
    ));
    home
}
