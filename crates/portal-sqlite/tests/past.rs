//! The portal's own past is looked at for so many events.

#![expect(clippy::unwrap_used, reason = "a database that cannot be made fails the test")]

#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

use home::Home;
use portal_domain::store::PAST_EVENTS_MAX;
use portal_domain::{Past, Store as _};
use portal_store_suite::{at, block_on};

#[test]
fn only_the_last_events_of_a_busy_past_are_looked_at() {
    const EVENTS: u32 = PAST_EVENTS_MAX + 10;
    let home = Home::new();
    let store = home.store();
    // One a second, but for a gap after the first that nobody looks at any more.
    let sql = "with recursive n(n) as (select 1 union all select n + 1 from n where n < ?1)
               insert into event (id, payload, type, created, livemode, state, origin, received_at)
               select 'evt_' || n, 'snapshot', 'a.b', 0, 0, 'ignored', 'delivered',
                      n + iif(n = 1, 0, 1000)
               from n";
    assert_eq!(home.other_program().execute(sql, [EVENTS]).unwrap(), EVENTS as usize);
    let due = Past {
        events: PAST_EVENTS_MAX.into(),
        first_received_at: Some(at(1011)),
        last_received_at: Some(at(1000 + i64::from(EVENTS))),
        longest_gap_seconds: 1,
    };
    assert_eq!(block_on(store.past(at(0))), Ok(due));
}
