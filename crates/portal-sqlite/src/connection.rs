//! Opening the database file, and bringing its schema up to date.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portal_domain::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::checkpoint;
use crate::files::{create_file, has_database, log_of, refuse_file_mount};
use crate::sql::{MIGRATIONS, SCHEMA_VERSION};

/// `DONA` in SQLite's header: tells this service's files from others.
const APPLICATION_ID: u32 = 0x444f_4e41;

/// The time to wait for another process's lock, well below the delivery's own deadline.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// The time to wait for it with what may as well be written later.
pub(crate) const GIVING_WAY: Duration = Duration::from_millis(100);

/// Page cache in KiB.
const CACHE_KIB: u32 = 8 * 1024;

/// The limits of D1 (`src/workerd/util/sqlite.c++`). Builds with assertions keep to them, so that a
/// statement which D1 refuses fails wherever it is tried.
const LIMITS_OF_D1: [(Limit, i32); 5] = [
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 100),
    (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
];

/// The purpose of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessMode {
    /// Reading and writing; the file is made where there is none.
    Create,
    /// Reading and writing a file that is there.
    Write,
    /// Reading a file that is there.
    Read,
    /// Reading a file that is there, of whatever schema version, to copy it.
    Copy,
}

/// A connection, and which files it has open: the database and, where it writes, the log that holds
/// what was recorded last.
pub(crate) struct OpenDatabase {
    pub(crate) connection: Connection,
    files: Vec<(PathBuf, FileId)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl OpenDatabase {
    pub(crate) fn new(path: &Path, purpose: AccessMode) -> Result<Self, StoreError> {
        match purpose {
            AccessMode::Create => create_file(path)?,
            AccessMode::Write | AccessMode::Read | AccessMode::Copy if !has_database(path) => {
                return Err(StoreError::Missing);
            }
            AccessMode::Write | AccessMode::Read | AccessMode::Copy => {}
        }
        if matches!(purpose, AccessMode::Create | AccessMode::Write) {
            refuse_file_mount(path)?;
        }
        let access = match purpose {
            AccessMode::Create | AccessMode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            AccessMode::Read | AccessMode::Copy => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let mut connection =
            Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
                .map_err(failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        // A container may have no folder for temporary files.
        connection.pragma_update(None, "temp_store", "memory").map_err(failed)?;
        // Plans do not go by bound values: else each new value of a limit prepares its statement anew.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
        check_owner(&connection, purpose)?;
        let mut files = vec![(path.to_owned(), FileId::of(path)?)];
        match purpose {
            AccessMode::Create | AccessMode::Write => {
                prepare_for_writing(&mut connection)?;
                let log = log_of(path)?;
                let id = FileId::of(&log)?;
                files.push((log, id));
            }
            AccessMode::Read => {
                let found = check_version(&connection)?;
                if found < SCHEMA_VERSION {
                    return Err(StoreError::TooOld { found, needed: SCHEMA_VERSION });
                }
            }
            AccessMode::Copy => drop(check_version(&connection)?),
        }
        if cfg!(debug_assertions) {
            for (limit, most) in LIMITS_OF_D1 {
                connection.set_limit(limit, most).map_err(failed)?;
            }
        }
        Ok(Self { connection, files })
    }

    /// Refuses to go on with a file that is no longer at its path: what is written to it would be
    /// acknowledged and then lost.
    pub(crate) fn check_not_moved(&self) -> Result<(), StoreError> {
        let in_place = |(path, id): &(PathBuf, FileId)| FileId::of(path).as_ref() == Ok(id);
        if self.files.iter().all(in_place) { Ok(()) } else { Err(StoreError::Missing) }
    }
}

impl FileId {
    fn of(path: &Path) -> Result<Self, StoreError> {
        let metadata = fs::metadata(path).map_err(|_| StoreError::Missing)?;
        Ok(Self { device: metadata.dev(), inode: metadata.ino() })
    }
}

/// Names what went wrong. SQLite's texts quote names of the schema, never values.
#[expect(clippy::needless_pass_by_value, reason = "so that it can be named in map_err")]
pub(crate) fn failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly,
        Some(ErrorCode::OperationInterrupted) => StoreError::TimedOut,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt,
        _ => StoreError::Failed(error.to_string()),
    }
}

/// Refuses a file that is some other program's database, and one that has nothing in it yet unless
/// it is to be made.
fn check_owner(connection: &Connection, purpose: AccessMode) -> Result<(), StoreError> {
    // One transaction: another process may be making the database now.
    let seen = connection.unchecked_transaction().map_err(failed)?;
    // Signed, as SQLite has them; other programs may use every bit.
    let owner: i64 = pragma(&seen, "application_id")?;
    let version: i64 = pragma(&seen, "user_version")?;
    let count = "select count(*) from sqlite_schema";
    let objects: i64 = seen.query_row(count, [], |row| row.get(0)).map_err(failed)?;
    if owner == i64::from(APPLICATION_ID)
        || (purpose == AccessMode::Create && (owner, version, objects) == (0, 0, 0))
    {
        return Ok(());
    }
    Err(StoreError::Corrupt)
}

fn check_version(connection: &Connection) -> Result<u32, StoreError> {
    let found = pragma(connection, "user_version")?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::TooNew { found, known: SCHEMA_VERSION });
    }
    Ok(found)
}

fn prepare_for_writing(connection: &mut Connection) -> Result<(), StoreError> {
    write_ahead(connection)?;
    let settings = format!(
        "pragma synchronous = full; -- a commit returns when it is on the disk
         pragma cache_size = -{CACHE_KIB};
         pragma foreign_keys = on;"
    );
    connection.execute_batch(&settings).map_err(failed)?;
    checkpoint::watch(connection);
    migrate(connection)
}

/// Turns the write-ahead log on. Where another process does so at the same time, SQLite says busy at
/// once; the empty transaction waits until the other one is done.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    const ATTEMPTS: usize = 10;
    for _ in 0..ATTEMPTS {
        match connection.execute_batch("pragma journal_mode = wal").map_err(failed) {
            Err(StoreError::Busy) => {
                connection.execute_batch("begin immediate; commit").map_err(failed)?;
            }
            done => return done,
        }
    }
    Err(StoreError::Busy)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if check_version(connection)? == SCHEMA_VERSION {
        return Ok(());
    }
    let step = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have migrated while this one waited for the lock.
    let version = check_version(&step)? as usize;
    for migration in MIGRATIONS.iter().skip(version) {
        step.execute_batch(migration).map_err(failed)?;
    }
    step.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    step.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed)?;
    step.commit().map_err(failed)
}

fn pragma<T: rusqlite::types::FromSql>(
    connection: &Connection,
    name: &str,
) -> Result<T, StoreError> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(failed)
}
