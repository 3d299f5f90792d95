//! Several stores roll up the delivery history.

use portal_contract::{at, block_on};
use portal_domain::Reports as _;

use crate::home::{TestHome, record};
use crate::sharing::at_once;

#[test]
fn stores_that_roll_up_at_once_count_no_event_twice() {
    const STORES: usize = 4;
    const ROUNDS: usize = 40;

    let home = TestHome::new();
    at_once(&home, STORES, ROUNDS, |which, round, store| {
        if which == 0 {
            let ids: Vec<_> = (0..20).map(|n| format!("evt_{round}_{n}")).collect();
            record(store, &ids.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        }
        block_on(store.delivery_history(at(0))).unwrap();
    });
    let past = block_on(home.store.delivery_history(at(0))).unwrap();
    assert_eq!(past.events, 20 * ROUNDS as u64);
    assert_eq!(home.other_program.ask("select sum(events) from delivery_hour"), "800");
}
