//! A database of its own on a server of the test's, and how a test looks at it.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use portal_domain::{Recorded, Store as _, StoreError};
use portal_postgres::{Address, PostgresStore};
use portal_store_suite::{an_event, batch, block_on, everything};
use portal_test_postgres::Cluster;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Empties every table.
const EMPTY: &str = "begin;
    delete from event; delete from unsettled; delete from payment; delete from invoice;
    delete from refund; delete from dispute; delete from alert; delete from notice;
    delete from postponed; delete from confirmation; delete from errand; delete from reads;
    delete from report;
    commit";

/// The server of this file of tests.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start().unwrap())
}

/// A database with the schema in it.
pub(crate) struct Home {
    url: String,
    pub(crate) store: PostgresStore,
    pub(crate) other_program: OtherProgram,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self::on(cluster())
    }

    /// The same on a server of which it is known what happens to it.
    pub(crate) fn on(cluster: &Cluster) -> Self {
        let database = cluster.new_database().unwrap();
        let url = cluster.url(&database.name);
        let store = PostgresStore::open(&address(&url)).unwrap();
        let other_program = OtherProgram::connect(&url);
        Self { url, store, other_program }
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Another process's store.
    pub(crate) fn another_store(&self) -> PostgresStore {
        PostgresStore::open_as_it_is(&address(&self.url)).unwrap()
    }

    /// The service starts anew.
    pub(crate) fn reopen(&mut self) {
        self.store = self.another_store();
    }

    /// Nothing is there any more.
    pub(crate) fn empty(&self) {
        self.other_program.run(EMPTY);
    }
}

/// Homes that are lent: making one takes longer than a test.
pub(crate) struct Lent(Option<Home>);

static SPARE: Mutex<Vec<Home>> = Mutex::new(Vec::new());

impl Lent {
    pub(crate) fn new() -> Self {
        let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let home = spare.unwrap_or_else(Home::new);
        home.empty();
        Self(Some(home))
    }

    pub(crate) fn home(&self) -> &Home {
        self.0.as_ref().unwrap()
    }

    pub(crate) fn home_mut(&mut self) -> &mut Home {
        self.0.as_mut().unwrap()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        SPARE.lock().unwrap_or_else(PoisonError::into_inner).extend(self.0.take());
    }
}

/// The database, open in some other program.
pub(crate) struct OtherProgram {
    runtime: Runtime,
    client: Client,
}

impl OtherProgram {
    pub(crate) fn connect(url: &str) -> Self {
        Self::try_connect(url).unwrap()
    }

    /// The same where it may be refused.
    pub(crate) fn try_connect(url: &str) -> Option<Self> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.ok()?;
            tokio::spawn(async { drop(connection.await) });
            client.batch_execute("set search_path = donation_portal").await.unwrap();
            Some(client)
        });
        Some(Self { runtime, client: client? })
    }

    pub(crate) fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).unwrap();
    }

    /// Runs a statement with values; tells how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> u64 {
        self.runtime.block_on(self.client.execute(sql, values)).unwrap()
    }

    /// The first column of what a query yields, a line for each row.
    pub(crate) fn ask(&self, query: &str) -> String {
        let messages = self.runtime.block_on(self.client.simple_query(query)).unwrap();
        let rows = messages.iter().filter_map(|it| match it {
            SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default()),
            SimpleQueryMessage::CommandComplete(_) | SimpleQueryMessage::RowDescription(_) | _ => {
                None
            }
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    /// Asks until the answer is `due`.
    pub(crate) fn wait_for(&self, query: &str, due: &str) {
        let soon = eventually(|| {
            // Within a transaction the first look would count for all.
            self.run("select pg_stat_clear_snapshot()");
            self.ask(query) == due
        });
        assert!(soon, "{query}: {} instead of {due}", self.ask(query));
    }

    /// Ends every connection that a store has to this database.
    pub(crate) fn cut_all(&self) {
        self.run(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
             where application_name = 'donation-portal' and datname = current_database()",
        );
    }
}

/// Looks until it is so; gives up after ten seconds.
pub(crate) fn eventually(mut look: impl FnMut() -> bool) -> bool {
    (0..1000).any(|_| {
        let seen = look();
        if !seen {
            thread::sleep(Duration::from_millis(10));
        }
        seen
    })
}

/// Records a sample event of each id, in one step.
pub(crate) fn record(store: &PostgresStore, ids: &[&str]) -> Result<Vec<Recorded>, StoreError> {
    block_on(store.record(&batch(ids.iter().copied().map(an_event))))
}

/// The ids that are there, newest first.
pub(crate) fn ids(store: &PostgresStore) -> Result<Vec<String>, StoreError> {
    let events = block_on(store.events(&everything()))?;
    Ok(events.iter().map(|event| event.id.to_string()).collect())
}

pub(crate) fn address(url: &str) -> Address {
    Address::parse(url).unwrap()
}
