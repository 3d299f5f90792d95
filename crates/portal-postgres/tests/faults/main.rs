//! Each trouble has its name, loses nothing that was acknowledged, and when it ends the same store
//! works again.

#![expect(clippy::unwrap_used, reason = "a trouble that cannot be made fails the test")]

#[path = "../home/mod.rs"]
#[expect(dead_code, reason = "each file of tests needs another part")]
mod home;

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

use home::other_program::OtherProgram;
use home::{DatabaseUrl, NEW, address, cluster, given, ids, record, works};
use portal_domain::Recorded::Duplicate;
use portal_domain::{AlertChange, Alerts as _, Inbox as _, Jobs as _, Reports as _, StoreError};
use portal_postgres::PostgresStore;
use portal_store_suite::{an_event, at, batch, everything, text};
use portal_test_postgres::{PASSWORD, Proxy, USER};
use tokio::runtime::Builder;

/// A delivery gives up after so long, and so must the store have.
const SOON: Duration = Duration::from_secs(5);

/// A trouble begins and ends, and the store is there before, during and after it.
fn is_survived(
    store: &PostgresStore,
    why: &StoreError,
    begins: impl FnOnce(),
    ends: impl FnOnce(),
) {
    works(store, "before");
    begins();
    // On the connections that were there, and on new ones.
    let (events, before) = (batch([an_event("evt_1")]), text("before"));
    let both = soon(async { tokio::join!(store.record(&events, at(0)), store.event(&before)) });
    assert_eq!((both.0.as_ref().err(), both.1.as_ref().err()), (Some(why), Some(why)));
    let both = soon(async { tokio::join!(store.ping(at(0)), store.backlog()) });
    assert_eq!((both.0.as_ref().err(), both.1.as_ref().err()), (Some(why), Some(why)));
    ends();
    recovers(store);
    // Nobody can know of the one that was not answered.
    let again = record(store, &["before", "evt_1", "evt_2"]).unwrap();
    assert!(matches!(again[..], [Duplicate, _, NEW]), "{again:?}");
    let all = ids(store).unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(given(store), [("pi_1".to_owned(), 3000)]);
}

/// The store has 5 seconds to do again whatever it does.
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

/// Whether each of the store's connections is good.
async fn is_well(store: &PostgresStore) -> bool {
    let resolve = [AlertChange::Resolve("nothing".into())];
    store.ping(at(0)).await.is_ok()
        && store.raise(&resolve, at(0)).await.is_ok()
        && store.prune(at(0), 1).await.is_ok()
        && store.backlog().await.is_ok()
        && store.events(&everything()).await.is_ok()
}

/// What `step` comes to, which it must in time.
fn soon<T>(step: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(SOON, step).await }).unwrap()
}

/// A store, and the network between it and its database.
fn through_a_proxy() -> (DatabaseUrl, Proxy, PostgresStore) {
    let home = DatabaseUrl::new();
    let proxy = Proxy::start(cluster().address()).unwrap();
    let url = cluster().url_through(&proxy, home.database());
    let store = PostgresStore::open_as_it_is(&address(&url)).unwrap();
    (home, proxy, store)
}

/// The address of the home's database for a new role.
fn as_role(home: &DatabaseUrl, name: &str, options: &str) -> String {
    home.other_program.run(&format!("create role {name} login password '{PASSWORD}' {options}"));
    home.url().replace(&format!("{USER}:"), &format!("{name}:"))
}

/// Lets a role do all that a service needs.
fn may_work(other: &OtherProgram, role: &str) {
    other.run(&format!(
        "grant usage on schema donation_portal to {role};
         grant select, insert, update, delete on all tables in schema donation_portal to {role};
         grant usage on all sequences in schema donation_portal to {role}"
    ));
}
