//! Several stores record the same events.

use std::collections::{BTreeMap, BTreeSet};

use crate::home::{self, NEW, TestHome, record};
use crate::sharing::at_once;

#[test]
fn threads_on_four_stores_record_each_id_once_in_all() {
    const STORES: usize = 4;
    const IDS: usize = 480;
    const BATCH: usize = 7;

    let home = TestHome::new();
    let ids: Vec<String> = (0..IDS).map(|n| format!("evt_{n}")).collect();
    // Each store begins with another id and half of them go backwards, so that all of them record
    // every id, and batches meet in opposite order.
    let new = at_once(&home, STORES, 1, |which, _, store| {
        let mut order: Vec<&str> = ids.iter().map(String::as_str).collect();
        order.rotate_left(which * IDS / STORES / 2);
        if which % 2 == 1 {
            order.reverse();
        }
        let mut new = vec![];
        for batch in order.chunks(BATCH) {
            let recorded = record(store, batch).unwrap();
            new.extend(batch.iter().zip(recorded).filter(|(_, it)| *it == NEW).map(|(id, _)| *id));
        }
        new
    });
    let mut times_new = BTreeMap::new();
    for id in new.into_iter().flatten().flatten() {
        *times_new.entry(id).or_insert(0) += 1;
    }
    assert_eq!(times_new, ids.iter().map(|id| (id.as_str(), 1)).collect());
    let there: BTreeSet<_> = home::ids(&home.store).unwrap().into_iter().collect();
    assert_eq!(there, ids.iter().cloned().collect());
}

#[test]
fn batches_in_opposite_order_wait_for_each_other_and_never_both() {
    const ROUNDS: usize = 60;
    let home = TestHome::new();
    let new = at_once(&home, 2, ROUNDS, |which, round, store| {
        let mut ids: Vec<_> = (0..200).map(|n| format!("evt_{round}_{n}")).collect();
        if which == 1 {
            ids.reverse();
        }
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        record(store, &ids).unwrap().iter().filter(|it| **it == NEW).count()
    });
    assert_eq!(new.iter().flatten().sum::<usize>(), ROUNDS * 200);
}
