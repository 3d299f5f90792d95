//! A store is not ready in every situation in which it cannot record.

use portal_contract::at;
use portal_domain::{Inbox as _, StoreError};
use portal_postgres::PostgresStore;

use crate::faults::{as_role, may_work, soon};
use crate::home::{TestHome, address, works};

#[test]
fn a_ping_tells_the_time_of_the_server_and_leaves_no_row() {
    let home = TestHome::new();
    let clock = "select extract(epoch from clock_timestamp())::bigint";
    let read = || at(home.other_program.ask(clock).parse().unwrap());
    let (before, told, after) = (read(), soon(home.store.ping(at(0))).unwrap(), read());
    assert!((before..=after).contains(&told.unwrap()), "{before:?} {told:?} {after:?}");
    for table in ["event", "payment", "link", "invoice", "refund", "dispute", "alert"] {
        let rows = home.other_program.ask(&format!("select count(*) from {table}"));
        assert_eq!(rows, "0", "{table}");
    }
}

#[test]
fn a_ping_notices_a_lock_that_would_stop_a_record() {
    let home = TestHome::new();
    for table in ["event", "payment"] {
        home.other_program.run(&format!("begin; lock table {table} in exclusive mode"));
        assert_eq!(soon(home.store.ping(at(0))), Err(StoreError::Busy), "{table}");
        home.other_program.run("commit");
        assert!(soon(home.store.ping(at(0))).is_ok(), "{table}");
    }
}

#[test]
fn a_ping_notices_each_right_that_a_record_needs() {
    let home = TestHome::new();
    let url = as_role(&home, "prober", "");
    may_work(&home.other_program, "prober");
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    let tables = ["payment", "link", "invoice", "refund", "dispute", "alert"];
    let rights =
        tables.iter().flat_map(|it| [format!("insert on {it}"), format!("update on {it}")]);
    let others = ["insert on event", "usage on sequence event_seq", "insert on heartbeat"];
    for right in rights.chain(others.map(ToOwned::to_owned)) {
        home.other_program.run(&format!("revoke {right} from prober"));
        let denied = soon(store.ping(at(0)));
        assert!(matches!(denied, Err(StoreError::AccessDenied(_))), "{right}: {denied:?}");
        home.other_program.run(&format!("grant {right} to prober"));
        assert!(soon(store.ping(at(0))).is_ok(), "{right}");
    }
    works(&store, "evt_1");
}
