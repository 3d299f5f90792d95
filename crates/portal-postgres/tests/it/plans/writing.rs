//! Steps that write.

use portal_contract::stripe::{dispute, new, refund};
use portal_contract::{an_event, at, batch, block_on, text};
use portal_domain::Recorded::Duplicate;
use portal_domain::{
    Entry, Inbox as _, Jobs as _, Ledger as _, Reports as _, Reprocess, State, Written,
};

use crate::home::{NEW, record};
use crate::plans::measure::Step;
use crate::plans::some;

/// The steps that write, each with the number of rows that it is about.
pub(crate) const STEPS: &[Step] = &[
    ("record", 3, |store, n| {
        let ids = [format!("evt_a{n}"), format!("evt_b{n}")];
        assert_eq!(record(store, &[&ids[0], &ids[1]]), Ok(vec![NEW, NEW]));
        assert_eq!(record(store, &[&ids[0], "evt_90000"]), Ok(vec![Duplicate, Duplicate]));
    }),
    ("record what is told", 4, |store, n| {
        let back = new(9, "refund.created", refund("re_9", "pi_9", "failed", 1));
        let contested = dispute("pi_9", "needs_response").with("id", "du_9");
        let contested = new(9, "charge.dispute.created", contested);
        let named = [back.known_as(&format!("evt_c{n}")), contested.known_as(&format!("evt_d{n}"))];
        let recorded = block_on(store.record(&batch(named.map(|it| it.event())), at(0)));
        assert_eq!(recorded, Ok(vec![NEW, NEW]));
    }),
    ("reprocess", 3, |store, n| {
        let steps = [61_000, 70_001, 80_002].map(|it| decided_again(it + n));
        assert_eq!(block_on(store.reprocess(&steps, at(0))), Ok(vec![Written::Applied; 3]));
    }),
    ("ignore by id", 2, |store, n| {
        assert_eq!(block_on(store.ignore(&some(n), at(0))), Ok(0));
    }),
    ("postpone", 1, |store, _| {
        let written = block_on(store.postpone_fetch(&text("evt_30000"), at(0)));
        assert_eq!(written, Ok(Written::Applied));
    }),
    ("confirm", 2, |store, n| {
        let ids = [text(&format!("in_{n}")), text("in_1")];
        assert_eq!(block_on(store.confirm(&ids, at(0))), Ok(()));
    }),
    // The rows are those of new events and of two days.
    ("past", 48 + 2 * 3, |store, n| {
        record(store, &[&format!("evt_e{n}"), &format!("evt_f{n}")]).unwrap();
        assert!(block_on(store.delivery_history(at(1953 * 3600))).unwrap().events > 0);
    }),
    ("prune", 96, |store, _| assert_eq!(block_on(store.prune(at(150_000), 64)), Ok(64))),
    // A ping writes one row of each kind, as a delivery does.
    ("ping", 9, |store, n| {
        assert!(block_on(store.ping(at(n.cast_signed()))).is_ok());
    }),
];

fn decided_again(n: u64) -> Reprocess {
    let entry = Entry::decide_again(an_event(&format!("evt_{n}")));
    Reprocess { from: State::Processed, entry }
}
