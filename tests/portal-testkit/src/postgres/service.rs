//! Databases that belong to the user of the service.

use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::postgres::cluster::{Cluster, PASSWORD, USER};
use crate::postgres::proxy::Proxy;
use crate::postgres::serve::log;
use crate::{Result, clock};

/// The service's user on the server, without special rights.
pub const SERVICE_USER: &str = "gifts";

/// The password of [`SERVICE_USER`], which must never be printed.
pub const SERVICE_PASSWORD: &str = "pa55word-4471";

/// Returns the server that all tests of a binary share.
pub fn shared() -> Result<Arc<Cluster>> {
    static CLUSTER: OnceLock<std::result::Result<Arc<Cluster>, String>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| start(&[]).map_err(|error| error.to_string()));
    Ok(Arc::clone(cluster.as_ref().map_err(Clone::clone)?))
}

/// Starts a separate server, which a test may harm, with settings as in `postgresql.conf`.
pub fn start(settings: &[(&str, &str)]) -> Result<Arc<Cluster>> {
    let cluster = Cluster::start_with(settings)?;
    cluster.psql(
        "postgres",
        &format!("create role {SERVICE_USER} login password '{SERVICE_PASSWORD}'"),
    )?;
    Ok(Arc::new(cluster))
}

/// The time that a session may take to get or to lose a lock.
const LOCK_LIMIT: Duration = Duration::from_secs(20);

/// A database that belongs to the service's user.
#[derive(Clone)]
pub struct Database {
    cluster: Arc<Cluster>,
    name: String,
    proxy: Option<Arc<Proxy>>,
}

impl Database {
    /// Creates an empty database.
    pub fn new(cluster: &Arc<Cluster>) -> Result<Self> {
        let name = cluster.new_database()?;
        cluster.psql("postgres", &format!("alter database {name} owner to {SERVICE_USER}"))?;
        Ok(Self { cluster: Arc::clone(cluster), name, proxy: None })
    }

    /// Returns the same database, reached through `proxy`.
    #[must_use]
    pub fn through(&self, proxy: &Arc<Proxy>) -> Self {
        Self { proxy: Some(Arc::clone(proxy)), ..self.clone() }
    }

    /// Changes a setting of the database for new connections.
    pub fn alter(&self, what: &str) -> Result {
        let sql = format!("alter database {} {what}", self.name);
        self.cluster.psql("postgres", &sql)?;
        Ok(())
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its URL for the service's user.
    #[must_use]
    pub fn url(&self) -> String {
        let url = match &self.proxy {
            Some(proxy) => self.cluster.url_through(proxy, &self.name),
            None => self.cluster.url(&self.name),
        };
        url.replacen(
            &format!("{USER}:{PASSWORD}@"),
            &format!("{SERVICE_USER}:{SERVICE_PASSWORD}@"),
            1,
        )
    }

    /// Runs SQL as the owner and returns a line for each row.
    pub fn ask(&self, sql: &str) -> Result<String> {
        let sql = format!("set search_path = donation_portal, public; {sql}");
        Ok(self.cluster.psql(&self.name, &sql)?)
    }

    /// Logs each statement of connections that begin from now on.
    pub fn log_statements(&self) -> Result {
        self.alter("set log_statement = 'all'")
    }

    /// Returns the statements that the service has sent to this database and that were logged.
    pub fn statements(&self) -> Vec<String> {
        let ours = format!("{} donation-portal ", self.name);
        let log = log(self.cluster.folder());
        log.lines().filter_map(|line| line.strip_prefix(&ours)).map(String::from).collect()
    }

    /// Returns the rows of every table in every schema.
    pub fn tables(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let tables = self.ask(
            "select table_schema || '.' || table_name from information_schema.tables \
             where table_type = 'BASE TABLE' \
             and table_schema not in ('pg_catalog', 'information_schema')",
        )?;
        let rows = |table: &str| {
            let name = table.rsplit_once('.').map_or(table, |(_, name)| name);
            let rows = self.ask(&format!("copy {table} to stdout"))?;
            Ok((format!("table {name}"), rows.into_bytes()))
        };
        tables.lines().map(rows).collect()
    }

    /// Ends every connection of the service to this database.
    pub fn disconnect(&self) -> Result {
        let sql = "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
                   where application_name = 'donation-portal' and datname = current_database()";
        self.ask(sql).map(drop)
    }
}

/// A lock held by another session; released on drop.
pub struct Held {
    database: Database,
    session: Option<JoinHandle<()>>,
}

impl Database {
    /// Locks a table, also against reading.
    pub fn hold(&self, table: &str) -> Result<Held> {
        self.hold_by(&format!("begin; lock table {table} in access exclusive mode"))
    }

    /// Makes every commit of a new event wait, so that a test can act during a commit.
    pub fn hold_commits(&self) -> Result<Held> {
        self.ask(
            "create function hold() returns trigger language plpgsql as \
                 'begin perform pg_advisory_xact_lock(7); return null; end'; \
             create constraint trigger hold after insert on event \
                 deferrable initially deferred for each row execute function hold()",
        )?;
        self.hold_by("select pg_advisory_lock(7)")
    }

    fn hold_by(&self, lock: &str) -> Result<Held> {
        let sql = format!("{lock}; select pg_sleep(600)");
        let (database, theirs) = (self.clone(), self.clone());
        // The session ends with an error when the lock is released.
        let session = std::thread::spawn(move || drop(theirs.ask(&sql)));
        let held = Held { database, session: Some(session) };
        clock::wait_for("a lock", LOCK_LIMIT, || {
            let holders = self.ask("select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()")?;
            Ok((holders == "1").then_some(()))
        })?;
        Ok(held)
    }
}

impl Held {
    /// Releases the lock.
    pub fn release(mut self) -> Result {
        self.end()
    }

    fn end(&mut self) -> Result {
        let Some(session) = self.session.take() else { return Ok(()) };
        let sql = "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
                   where wait_event = 'PgSleep' and datname = current_database()";
        self.database.ask(sql)?;
        Ok(session.join().map_err(|_| "the session panicked")?)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // A server that has stopped holds no lock.
        self.end().ok();
    }
}
