//! A database of one test on the tests' server.

pub(crate) mod other_program;

use std::sync::{Mutex, OnceLock, PoisonError};

use other_program::OtherProgram;
use portal_contract::stripe::BEGIN;
use portal_contract::{an_event, at, batch, block_on, emptying, everything, text};
use portal_domain::{Inbox as _, Ledger as _, Recorded, State, StoreError};
use portal_postgres::{DatabaseAddress, PostgresStore};
pub(crate) use portal_testkit::clock::eventually;
use portal_testkit::postgres::Cluster;

/// The result of recording a new sample event.
pub(crate) const NEW: Recorded = Recorded::New(State::Processed);

/// Returns the server that all tests of this binary share.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start().unwrap())
}

/// A database with the schema.
pub(crate) struct TestHome {
    url: String,
    pub(crate) store: PostgresStore,
    pub(crate) other_program: OtherProgram,
}

impl TestHome {
    pub(crate) fn new() -> Self {
        Self::on(cluster())
    }

    /// Makes a database on a server of one test, which that test may harm.
    pub(crate) fn on(cluster: &Cluster) -> Self {
        let database = cluster.new_database().unwrap();
        let url = cluster.url(&database);
        let store = PostgresStore::open(&address(&url)).unwrap();
        let other_program = OtherProgram::connect(&url);
        Self { url, store, other_program }
    }

    /// Returns the URL of the database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the name of the database.
    pub(crate) fn database(&self) -> &str {
        let (_, name) = self.url.rsplit_once('/').unwrap();
        name.split('?').next().unwrap()
    }

    /// Opens another store, as another process does.
    pub(crate) fn another_store(&self) -> PostgresStore {
        PostgresStore::open_as_it_is(&address(&self.url)).unwrap()
    }

    /// Opens the store again, as a restarted service does.
    pub(crate) fn reopen(&mut self) {
        self.store = self.another_store();
    }

    /// Empties the database.
    pub(crate) fn empty(&self) {
        self.other_program.run(&emptying().join("; "));
    }
}

/// A database on loan, because creating one takes longer than a test. It is returned on drop.
pub(crate) struct Lent(Option<TestHome>);

static SPARE: Mutex<Vec<TestHome>> = Mutex::new(Vec::new());

impl Lent {
    pub(crate) fn new() -> Self {
        let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let home = spare.unwrap_or_else(TestHome::new);
        home.empty();
        Self(Some(home))
    }

    pub(crate) fn home(&self) -> &TestHome {
        self.0.as_ref().unwrap()
    }

    pub(crate) fn home_mut(&mut self) -> &mut TestHome {
        self.0.as_mut().unwrap()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        SPARE.lock().unwrap_or_else(PoisonError::into_inner).extend(self.0.take());
    }
}

/// Records a sample event for each id, in one step.
pub(crate) fn record(store: &PostgresStore, ids: &[&str]) -> Result<Vec<Recorded>, StoreError> {
    block_on(store.record(&batch(ids.iter().copied().map(an_event)), at(BEGIN)))
}

/// Records a sample event, and asserts that it is in the ledger.
pub(crate) fn works(store: &PostgresStore, id: &str) {
    assert_eq!(record(store, &[id]), Ok(vec![NEW]), "{id}");
    let event = block_on(store.event(&text(id))).unwrap();
    assert_eq!(event.map(|it| it.state), Some(State::Processed), "{id}");
    assert_eq!(given(store), [("pi_1".to_owned(), 3000)], "{id}");
}

/// Returns the donations with their net amounts, most recently paid first.
pub(crate) fn given(store: &PostgresStore) -> Vec<(String, i64)> {
    let donations = block_on(store.donations(&Default::default(), None, u32::MAX)).unwrap();
    donations.iter().map(|it| (it.id.to_string(), it.net)).collect()
}

/// Returns the recorded ids, newest first.
pub(crate) fn ids(store: &PostgresStore) -> Result<Vec<String>, StoreError> {
    let events = block_on(store.events(&everything()))?;
    Ok(events.iter().map(|event| event.id.to_string()).collect())
}

pub(crate) fn address(url: &str) -> DatabaseAddress {
    DatabaseAddress::parse(url).unwrap()
}
