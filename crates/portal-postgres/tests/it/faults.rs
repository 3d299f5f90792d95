//! Faults: each has its own error, loses no acknowledged event, and the same store works again
//! afterwards.

mod answers;
mod ledger;
mod locks;
mod network;
mod readiness;
mod roles;
mod room;
mod rows;
mod secrets;
mod server;

use std::time::Duration;

use crate::home::other_program::OtherProgram;
use crate::home::{NEW, TestHome, address, cluster, given, ids, record, works};
use portal_contract::{an_event, at, batch, everything, text};
use portal_domain::Recorded::Duplicate;
use portal_domain::{AlertChange, Alerts as _, Inbox as _, Jobs as _, Reports as _, StoreError};
use portal_postgres::PostgresStore;
use portal_testkit::postgres::{PASSWORD, Proxy, USER};
use tokio::runtime::Builder;

/// The deadline of a delivery, within which the store must have given up as well.
const SOON: Duration = Duration::from_secs(5);

/// Asserts that a store which is open before, during and after a fault survives it.
fn is_survived(
    store: &PostgresStore,
    why: &StoreError,
    begins: impl FnOnce(),
    ends: impl FnOnce(),
) {
    works(store, "before");
    begins();
    // The first attempt uses the old connections, the second new ones.
    let (events, before) = (batch([an_event("evt_1")]), text("before"));
    let both = soon(async { tokio::join!(store.record(&events, at(0)), store.event(&before)) });
    assert_eq!((both.0.as_ref().err(), both.1.as_ref().err()), (Some(why), Some(why)));
    let both = soon(async { tokio::join!(store.ping(at(0)), store.backlog()) });
    assert_eq!((both.0.as_ref().err(), both.1.as_ref().err()), (Some(why), Some(why)));
    ends();
    recovers(store);
    // The event without an answer may be recorded or not.
    let again = record(store, &["before", "evt_1", "evt_2"]).unwrap();
    assert!(matches!(again[..], [Duplicate, _, NEW]), "{again:?}");
    let all = ids(store).unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(given(store), [("pi_1".to_owned(), 3000)]);
}

/// Asserts that every operation of the store works again within 5 seconds.
fn recovers(store: &PostgresStore) {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let recovered = async {
        while !is_well(store).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let with_timeout = runtime.block_on(async { tokio::time::timeout(SOON, recovered).await });
    assert!(with_timeout.is_ok(), "it does not work again");
}

/// Returns true if each of the store's connections works.
async fn is_well(store: &PostgresStore) -> bool {
    let resolve = [AlertChange::Resolve("nothing".into())];
    store.ping(at(0)).await.is_ok()
        && store.raise(&resolve, at(0)).await.is_ok()
        && store.prune(at(0), 1).await.is_ok()
        && store.backlog().await.is_ok()
        && store.events(&everything()).await.is_ok()
}

/// Runs `step` and asserts that it ends within [`SOON`].
fn soon<T>(step: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(SOON, step).await }).unwrap()
}

/// Returns a store with a proxy between it and its database.
fn through_a_proxy() -> (TestHome, Proxy, PostgresStore) {
    let home = TestHome::new();
    let proxy = Proxy::start(cluster().address()).unwrap();
    let url = cluster().url_through(&proxy, home.database());
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    (home, proxy, store)
}

/// Creates a role and returns the URL of the home's database for it.
fn as_role(home: &TestHome, name: &str, options: &str) -> String {
    home.other_program.run(&format!("create role {name} login password '{PASSWORD}' {options}"));
    home.url().replace(&format!("{USER}:"), &format!("{name}:"))
}

/// Grants a role all rights that a service needs.
fn may_work(other: &OtherProgram, role: &str) {
    other.run(&format!(
        "grant usage on schema donation_portal to {role};
         grant select, insert, update, delete on all tables in schema donation_portal to {role};
         grant usage on all sequences in schema donation_portal to {role}"
    ));
}
