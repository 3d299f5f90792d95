//! The schema: its migrations, and the check of its version.

use std::time::Duration;

use portal_domain::StoreError;
use portal_domain::row_decode::{self, Row};

use crate::address::DatabaseAddress;
use crate::connection::{OpenConnection, Purpose, SCHEMA, opening};

/// A migration.
struct Migration {
    sql: &'static str,
    /// The oldest program, by its schema version, that works on the schema after this migration. New
    /// parts are added first (*expand*) and used later, and unused parts are removed last
    /// (*contract*), so that replicas can be replaced one by one.
    serves_since: i32,
}

/// The migrations: each leads from the version of its index to the next one. Until the first release
/// there is one, which may be edited; from then on migrations are appended, because databases in use
/// have run the earlier ones.
const MIGRATIONS: [Migration; 1] = [Migration {
    sql: concat!(
        include_str!("../migrations/0001_schema.sql"),
        include_str!("../migrations/0001_functions.sql")
    ),
    serves_since: 1,
}];

/// The schema version of this program.
#[expect(clippy::cast_possible_truncation, reason = "a handful")]
pub const VERSION: u32 = MIGRATIONS.len() as u32;

/// The oldest server that this program is tested with, in the form of `server_version_num`.
const SERVER_VERSION_MIN: i32 = 15_00_00;

/// Creates the table of applied migrations.
const MAKE_SCHEMA_VERSION: &str = "create table if not exists schema_version (
    version      integer primary key,
    serves_since integer not null, -- the oldest program, by its schema version, that works on this
    migrated_at  timestamptz not null default now()
)";

/// The time that a migration waits for a lock: whoever comes after it for the same table, such as
/// every delivery, waits with it. It is half of what a delivery waits.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '1s'";

/// Deliveries get through in the pause. A reader that takes longer than all tries, such as a dump,
/// should end before the migration is run again.
const LOCK_RETRIES: LockRetries = LockRetries { tries: 20, pause: Duration::from_secs(2) };

/// Takes the lock of migrations, so that one process migrates at a time; the others wait and find
/// it done.
const ONE_MIGRATES: &str = "select pg_advisory_xact_lock(x'444f4e41'::integer, 0)";

/// The versions found in the database.
struct Found {
    version: u32,
    serves_since: u32,
    unfinished: bool,
}

/// Connects on the caller's runtime, and checks that this program can use the schema.
pub(crate) async fn connect(
    address: DatabaseAddress,
    purpose: Purpose,
) -> Result<OpenConnection, StoreError> {
    Box::pin(opening(async {
        let open = OpenConnection::new(address, purpose).await?;
        open.in_transaction(check(&open)).await?;
        Ok(open)
    }))
    .await
}

/// Checks that this program can use the schema that `open` sees.
pub(crate) async fn check(open: &OpenConnection) -> Result<(), StoreError> {
    let Found { version, serves_since, unfinished } = find(open).await?;
    if VERSION < serves_since {
        return Err(StoreError::TooNew { found: version, known: VERSION });
    }
    if version < VERSION {
        return Err(StoreError::TooOld { found: version, needed: VERSION });
    }
    if unfinished { Err(StoreError::CopyIncomplete) } else { Ok(()) }
}

/// Applies all missing migrations in one transaction. Where somebody holds a lock that they need,
/// it is let go of and tried again, until [`StoreError::Busy`].
pub(crate) async fn migrate(address: DatabaseAddress) -> Result<(), StoreError> {
    migrate_by(&MIGRATIONS, address, &LOCK_RETRIES).await
}

/// The bounds of trying again.
struct LockRetries {
    tries: u32,
    pause: Duration,
}

async fn migrate_by(
    migrations: &[Migration],
    address: DatabaseAddress,
    retries: &LockRetries,
) -> Result<(), StoreError> {
    for _ in 1..retries.tries {
        match try_to_migrate(migrations, address.clone()).await {
            Err(StoreError::Busy) => tokio::time::sleep(retries.pause).await,
            done => return done,
        }
    }
    try_to_migrate(migrations, address).await
}

async fn try_to_migrate(
    migrations: &[Migration],
    address: DatabaseAddress,
) -> Result<(), StoreError> {
    let open = OpenConnection::new(address, Purpose::Migrate).await?;
    if opening(open.in_transaction(find(&open))).await?.version as usize >= migrations.len() {
        return Ok(());
    }
    open.begin().await?;
    open.run(LOCK_TIMEOUT).await?;
    open.run(ONE_MIGRATES).await?;
    // A role without the right to create a schema may have been given one.
    let missing = format!("select 1 where to_regnamespace('{SCHEMA}') is null");
    if !open.query(&missing, &[]).await?.is_empty() {
        open.run(&format!("create schema {SCHEMA}")).await?;
    }
    open.run(MAKE_SCHEMA_VERSION).await?;
    // Another process may have migrated while this one waited.
    let version = find(&open).await?.version as usize;
    for (number, migration) in (1..).zip(migrations).skip(version) {
        open.run(migration.sql).await?;
        let done = "insert into schema_version (version, serves_since) values ($1, $2)";
        open.execute(done, &[&number, &migration.serves_since]).await?;
    }
    open.commit().await
}

async fn find(open: &OpenConnection) -> Result<Found, StoreError> {
    let server = format!(
        "select current_setting('server_version_num')::integer, current_setting('server_version'), \
             to_regclass('{SCHEMA}.schema_version') is not null, \
             to_regclass('{SCHEMA}.copying') is not null"
    );
    let row = open.query(&server, &[]).await?;
    let nothing = || StoreError::Failed("the server did not say its version".into());
    let row = row.first().ok_or_else(nothing)?;
    let (number, name): (i32, String) = (row.get(0), row.get(1));
    if number < SERVER_VERSION_MIN {
        return Err(StoreError::ServerTooOld { found: name });
    }
    let (there, filled): (bool, bool) = (row.get(2), row.get(3));
    if !there {
        return Ok(Found { version: 0, serves_since: 0, unfinished: false });
    }
    let steps =
        "select coalesce(max(version), 0), coalesce(max(serves_since), 0) from schema_version";
    let numbers = |row: &dyn Row| Ok((row_decode::count(row, 0)?, row_decode::count(row, 1)?));
    let (version, serves_since) = open.one(steps, &[], numbers).await?;
    let unfinished = filled && !open.query("select 1 from copying", &[]).await?.is_empty();
    Ok(Found { version, serves_since, unfinished })
}

#[cfg(test)]
mod tests;
