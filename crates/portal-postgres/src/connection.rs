//! One connection: its purpose, its transactions and its errors.
//!
//! A pooler may run each transaction in another session. So each transaction makes the settings that
//! it needs, and statements have no names.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use portal_domain::row_decode::Row;
use portal_domain::{StoreError, Written};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::address::DatabaseAddress;
use crate::rows::PostgresRow;
use crate::value::Value;

/// The schema of all objects of this service, so that it can share a database.
pub(crate) const SCHEMA: &str = "donation_portal";

/// The time limit for opening a connection, its first queries included.
const OPEN_LIMIT: Duration = Duration::from_secs(3);

/// The time that this side waits longer than the server's own limits, because an error of the server
/// says more than a timeout.
const GRACE: Duration = Duration::from_millis(500);

/// The purpose of a connection. Each purpose has a connection of its own, so that none waits for
/// another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Recording events, within the deadline of their deliveries.
    Record,
    /// Alerts, notifications, hours of deliveries, objects of thin events, and jobs.
    Maintenance,
    /// Actions of operators' commands; a server has none.
    Operate,
    /// Short reads.
    Read,
    /// Long reads, such as totals and exports.
    Report,
    /// The same for a page that somebody waits for.
    Page,
    /// Changes of the schema.
    Migrate,
}

/// An open connection.
pub(crate) struct OpenConnection {
    client: Client,
    /// The SQL that begins a transaction with the settings of its purpose.
    begin: String,
}

impl Purpose {
    /// The time limit for a statement.
    pub(crate) fn limit(self) -> Duration {
        match self {
            Self::Record => Duration::from_millis(2500),
            Self::Read | Self::Page => Duration::from_secs(2),
            Self::Maintenance => Duration::from_secs(10),
            Self::Operate | Self::Report => Duration::from_secs(120),
            Self::Migrate => Duration::from_secs(3600),
        }
    }

    /// Returns the SQL that begins a transaction with its settings, which override those of the
    /// server, the role and the session.
    fn begin(self) -> String {
        let lock_seconds = match self {
            Self::Migrate => 60,
            // Less than the statement itself may take, so that a lock is told from a slow read.
            Self::Read | Self::Page => 1,
            Self::Record | Self::Maintenance | Self::Operate | Self::Report => 2,
        };
        let limit = self.limit().as_millis();
        // A writer does not override `default_transaction_read_only`: it was set on purpose.
        let access = match self {
            Self::Read | Self::Report | Self::Page => "read only",
            Self::Record | Self::Maintenance | Self::Operate | Self::Migrate => "",
        };
        // Rows are looked up by their keys in tables of any size; a planner that takes the tables for
        // small would read them whole.
        let plans = match self {
            Self::Record | Self::Maintenance | Self::Read | Self::Operate => {
                "set local enable_seqscan = off; set local enable_hashjoin = off;
                 set local enable_mergejoin = off;"
            }
            Self::Report | Self::Page | Self::Migrate => "",
        };
        // The idle timeout makes the server release the locks of a process that fell silent. Compiling
        // a plan (JIT) takes longer than any statement here.
        format!(
            "begin isolation level read committed {access};
             set local search_path = {SCHEMA}; set local synchronous_commit = on;
             set local statement_timeout = {limit}; set local lock_timeout = '{lock_seconds}s';
             set local idle_in_transaction_session_timeout = '5s';
             set local client_connection_check_interval = '1s'; set local jit = off; {plans}"
        )
    }
}

impl OpenConnection {
    /// Connects on the caller's runtime, whatever the schema is.
    pub(crate) async fn new(
        address: DatabaseAddress,
        purpose: Purpose,
    ) -> Result<Self, StoreError> {
        let DatabaseAddress { config, tls } = address;
        let connecting = async { config.connect(tls).await.map_err(failed) };
        let (client, connection) = opening(connecting).await?;
        // The task ends with the client, which also gets its errors.
        tokio::spawn(async { drop(connection.await) });
        Ok(Self { client, begin: purpose.begin() })
    }

    /// Returns true if the connection is known to have ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs statements that have no parameters.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.client.batch_execute(sql).await.map_err(failed)
    }

    /// Begins a transaction. There is no explicit rollback: a connection on which something failed is
    /// closed.
    pub(crate) async fn begin(&self) -> Result<(), StoreError> {
        self.run(&self.begin).await
    }

    /// Commits the transaction.
    pub(crate) async fn commit(&self) -> Result<(), StoreError> {
        self.run("commit").await
    }

    /// Does a step in a transaction.
    pub(crate) async fn in_transaction<T>(
        &self,
        step: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.begin().await?;
        let done = step.await?;
        self.commit().await?;
        Ok(done)
    }

    /// Runs a statement and returns the number of rows that it changed.
    pub(crate) async fn execute(
        &self,
        sql: &str,
        values: &[&dyn Value],
    ) -> Result<u64, StoreError> {
        let values: Vec<_> = values.iter().map(|it| (it.as_sql(), it.kind())).collect();
        self.client.execute_typed(sql, &values).await.map_err(failed)
    }

    /// Runs a statement and returns its rows.
    pub(crate) async fn query(
        &self,
        sql: &str,
        values: &[&dyn Value],
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let values: Vec<_> = values.iter().map(|it| (it.as_sql(), it.kind())).collect();
        self.client.query_typed(sql, &values).await.map_err(failed)
    }

    /// Runs a statement and tells if it changed a row.
    pub(crate) async fn written(
        &self,
        sql: &str,
        values: &[&dyn Value],
    ) -> Result<Written, StoreError> {
        let changed = self.execute(sql, values).await?;
        Ok(if changed > 0 { Written::Applied } else { Written::Stale })
    }

    /// Runs a statement and makes a value of each row.
    pub(crate) async fn all<T>(
        &self,
        sql: &str,
        values: &[&dyn Value],
        make: fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.query(sql, values).await?.iter().map(|row| make(&PostgresRow(row))).collect()
    }

    /// Runs a statement and makes a value of its first row.
    pub(crate) async fn first<T>(
        &self,
        sql: &str,
        values: &[&dyn Value],
        make: fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.query(sql, values).await?.first().map(|row| make(&PostgresRow(row))).transpose()
    }

    /// Runs a statement that returns a row in any case, and makes a value of it.
    pub(crate) async fn one<T>(
        &self,
        sql: &str,
        values: &[&dyn Value],
        make: fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.first(sql, values, make).await?.ok_or(StoreError::Corrupt)
    }
}

/// Runs a step of opening a connection, with its time limit, on the caller's runtime.
pub(crate) async fn opening<T>(
    part: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(OPEN_LIMIT, part).await.unwrap_or(Err(StoreError::TimedOut))
}

/// Waits for `step`, a little longer than the server may take for one statement.
///
/// After [`StoreError::TimedOut`] it is unknown whether the step was done.
pub(crate) async fn within<T>(
    sleep: impl Future<Output = ()>,
    step: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::select! {
        done = step => done,
        () = sleep => Err(StoreError::TimedOut),
    }
}

/// Returns the time limit for a whole step.
pub(crate) fn step_timeout(purpose: Purpose) -> Duration {
    purpose.limit() + GRACE
}

/// Converts an error. The server's message may repeat values, so only its code is kept.
#[expect(clippy::needless_pass_by_value, reason = "so that it can be named in map_err")]
pub(crate) fn failed(error: tokio_postgres::Error) -> StoreError {
    let Some(answer) = error.as_db_error() else {
        let by_the_network =
            error.source().is_some_and(|it| it.is::<io::Error>() && !is_tls(&error));
        return if error.is_closed() || by_the_network {
            StoreError::Unreachable
        } else {
            StoreError::Failed(in_one_line(&error))
        };
    };
    let words = || answer.message().to_owned();
    match answer.code() {
        &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::T_R_SERIALIZATION_FAILURE => StoreError::Busy,
        &SqlState::DISK_FULL => StoreError::Full,
        &SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly,
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => StoreError::Corrupt,
        &SqlState::INVALID_CATALOG_NAME => StoreError::Missing,
        &SqlState::TOO_MANY_CONNECTIONS => StoreError::TooManyConnections,
        &SqlState::QUERY_CANCELED | &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => {
            StoreError::TimedOut
        }
        &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW => {
            StoreError::Unreachable
        }
        &SqlState::INSUFFICIENT_PRIVILEGE
        | &SqlState::INVALID_PASSWORD
        | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => StoreError::AccessDenied(words()),
        &SqlState::PROTOCOL_VIOLATION if is_lost_by_pooler(answer.message()) => {
            StoreError::Unreachable
        }
        &SqlState::UNTRANSLATABLE_CHARACTER => {
            let encoding = encoding(answer.message());
            StoreError::Failed(format!("its encoding{encoding} lacks a character (SQLSTATE 22P05)"))
        }
        // `transaction_timeout`, of PostgreSQL 17.
        code if code.code() == "25P04" => StoreError::TimedOut,
        code if ["22", "23"].iter().any(|class| code.code().starts_with(class)) => {
            StoreError::Failed(format!("SQLSTATE {}", code.code()))
        }
        code => StoreError::Failed(format!("{} (SQLSTATE {})", words(), code.code())),
    }
}

/// Returns the encoding of the database, the last of those named in `message`, which also repeats bytes
/// of the character.
fn encoding(message: &str) -> String {
    let is_name =
        |it: &&str| it.len() > 1 && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    let name = message.rsplit('"').find(is_name);
    name.map_or(String::new(), |name| format!(", {name},"))
}

/// Returns true if `PgBouncer` lost its server: it hands on whatever it noticed first (`server
/// connection closed`, `server conn crashed?`, `invalid server parameter`, `broken server packet`).
/// It uses the same code for what it does not allow (`transaction blocks not allowed in statement
/// pooling mode`, `unsupported startup parameter`), so the message decides.
fn is_lost_by_pooler(message: &str) -> bool {
    !message.contains("not allowed") && !message.starts_with("unsupported ")
}

/// Returns true for a TLS error, such as a refused certificate, which is also an I/O error but does
/// not mean that the server is unreachable.
fn is_tls(error: &tokio_postgres::Error) -> bool {
    let source = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    source.and_then(io::Error::get_ref).is_some_and(|it| it.is::<rustls::Error>())
}

fn in_one_line(error: &tokio_postgres::Error) -> String {
    let text =
        error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    if text.contains("UnknownIssuer") {
        return format!(
            "{text}; name its authority's certificate with sslrootcert in DATABASE_URL"
        );
    }
    text
}
