//! A connection to PostgreSQL for those who wait for each answer.

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, Row};
use xtask::run::Failure;

/// The schema that everything of the service is in.
const SCHEMA: &str = "set search_path = donation_portal";

/// A session. Not to be used within another runtime.
pub struct Session {
    /// It moves the bytes while somebody waits for an answer.
    runtime: Runtime,
    client: Client,
}

impl Session {
    /// Connects to the database at `url`.
    pub fn open(url: &str) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(connect(url))?;
        Ok(Self { runtime, client })
    }

    /// Runs statements that have no answer.
    pub fn run(&self, sql: &str) -> Result<(), Failure> {
        Ok(self.runtime.block_on(self.client.batch_execute(sql))?)
    }

    /// Runs a statement for its rows.
    pub fn query(&self, sql: &str) -> Result<Vec<Row>, Failure> {
        Ok(self.runtime.block_on(self.client.query(sql, &[]))?)
    }
}

/// Connects on the runtime of the caller, which then moves the bytes.
pub async fn connect(url: &str) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends with the client. What goes wrong on it, the client is told.
    tokio::spawn(async { drop(connection.await) });
    client.batch_execute(SCHEMA).await?;
    Ok(client)
}
