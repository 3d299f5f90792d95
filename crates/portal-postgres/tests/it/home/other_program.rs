//! Another program on the database of the service.

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::eventually;

/// A connection of another program.
pub(crate) struct OtherProgram {
    runtime: Runtime,
    client: Client,
}

impl OtherProgram {
    pub(crate) fn connect(url: &str) -> Self {
        Self::try_connect(url).unwrap()
    }

    /// Connects, or returns `None` if the server refuses.
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

    /// Runs a query and returns its first column, a line for each row.
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

    /// Repeats a query until it returns `due`.
    pub(crate) fn wait_for(&self, query: &str, due: &str) {
        let soon = eventually(|| {
            // Within a transaction the statistics of the first query would be reused.
            self.run("select pg_stat_clear_snapshot()");
            self.ask(query) == due
        });
        assert!(soon, "{query}: {} instead of {due}", self.ask(query));
    }

    /// Waits until this number of the service's sessions wait for a lock.
    pub(crate) fn wait_for_waiting(&self, sessions: u32) {
        let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
             and application_name = 'donation-portal' and datname = current_database()";
        self.wait_for(waiting, &sessions.to_string());
    }

    /// Ends every connection of stores to this database.
    pub(crate) fn cut_all(&self) {
        self.run(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
             where application_name = 'donation-portal' and datname = current_database()",
        );
    }
}
