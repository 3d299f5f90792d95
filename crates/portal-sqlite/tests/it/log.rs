//! The write-ahead log, which must not keep growing while events arrive.

use std::fs;

use crate::home::{NEW, TestHome};
use portal_contract::{an_event, at, batch, block_on};
use portal_domain::{Event, Inbox as _};

#[test]
fn the_log_starts_over_while_events_keep_coming() {
    const BATCH: usize = 500;
    /// The maximum size of the log: a checkpoint starts at 16 MiB, and events arrive while it runs.
    const LOG_BYTES_MAX: u64 = 32 * 1024 * 1024;

    let home = TestHome::new();
    let store = home.store();
    let log = home.path().with_extension("db-wal");
    let mut written = 0;
    // The events need twice as much as the log may hold.
    for number in 0.. {
        let id = |n| format!("evt_{number}_{n:0>240}");
        let events = batch((0..BATCH).map(|n| an_event(&id(n))));
        let recorded = block_on(store.record(&events, at(0))).unwrap();
        assert!(recorded.iter().all(|it| *it == NEW));
        written += BATCH as u64 * size_at_least(events[0].event());
        let length = fs::metadata(&log).unwrap().len();
        assert!(length < LOG_BYTES_MAX, "{length} bytes after {written}");
        if written > 2 * LOG_BYTES_MAX {
            break;
        }
    }
}

/// Returns a lower bound of an event's size: the id, which is in the table and in the index.
fn size_at_least(event: &Event) -> u64 {
    2 * event.id.as_str().len() as u64
}
