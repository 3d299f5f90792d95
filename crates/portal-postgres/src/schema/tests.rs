//! A migration of a later version, beside those who read and deliver.

use std::time::Duration;

use portal_domain::StoreError;
use portal_testkit::clock::Stopwatch;
use portal_testkit::postgres::Cluster;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls};

use super::{LOCK_RETRIES, LockRetries, MIGRATIONS, Migration, migrate, migrate_by};
use crate::address::DatabaseAddress;

/// A migration that needs the table that deliveries are written to.
const NEXT: Migration =
    Migration { sql: "alter table event add column tenant text", serves_since: 1 };

/// Takes the lock that a delivery takes.
const DELIVER: &str = "set lock_timeout = '2s'; begin;
    lock table donation_portal.event in row exclusive mode; commit";

/// A server with a database at the present version.
struct Home {
    url: String,
    runtime: Runtime,
    _cluster: Cluster,
}

impl Home {
    fn new() -> Self {
        let cluster = Cluster::start().unwrap();
        let url = cluster.url(&cluster.new_database().unwrap());
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(migrate(DatabaseAddress::parse(&url).unwrap())).unwrap();
        Self { url, runtime, _cluster: cluster }
    }

    /// Begins to read, and holds the lock of that.
    fn reader(&self) -> Client {
        let reader = self.connect();
        let read = "begin; select count(*) from donation_portal.event";
        self.runtime.block_on(reader.batch_execute(read)).unwrap();
        reader
    }

    fn connect(&self) -> Client {
        self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
            tokio::spawn(async { drop(connection.await) });
            client
        })
    }

    /// Returns the future of the migration to the next version.
    fn migration(
        &self,
        retries: LockRetries,
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        let [first] = MIGRATIONS;
        let address = DatabaseAddress::parse(&self.url).unwrap();
        async move { migrate_by(&[first, NEXT], address, &retries).await }
    }
}

#[test]
fn a_migration_lets_deliveries_in_while_somebody_reads_and_is_done_afterwards() {
    let home = Home::new();
    let (reader, sender) = (home.reader(), home.connect());
    let migration = home.runtime.spawn(home.migration(LOCK_RETRIES));
    let (begun, mut longest) = (Stopwatch::start(), Duration::ZERO);
    while begun.elapsed() < Duration::from_secs(6) {
        let sent = Stopwatch::start();
        home.runtime.block_on(sender.batch_execute(DELIVER)).unwrap();
        longest = longest.max(sent.elapsed());
        std::thread::sleep(Duration::from_millis(10));
    }
    // Without any wait the migration would not have been in the way.
    let bound = Duration::from_millis(500)..Duration::from_millis(1900);
    assert!(bound.contains(&longest), "{longest:?}");
    assert!(!migration.is_finished());
    drop(reader);
    assert_eq!(home.runtime.block_on(migration).unwrap(), Ok(()));
}

#[test]
fn a_migration_gives_up_where_the_reader_does_not_end() {
    let home = Home::new();
    let reader = home.reader();
    let retries = || LockRetries { tries: 2, pause: Duration::from_millis(10) };
    assert_eq!(home.runtime.block_on(home.migration(retries())), Err(StoreError::Busy));
    drop(reader);
    assert_eq!(home.runtime.block_on(home.migration(retries())), Ok(()));
}
