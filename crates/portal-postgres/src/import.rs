//! Imports everything that another store holds, page by page, and reads it back for comparison.
//!
//! Until the import is complete the database is *unfinished*: no store opens it, and nothing can be
//! recorded in it, not even by a service that had it open before.

mod tables;

use portal_domain::tables::{CopiedTable, TABLES};
use portal_domain::{Backlog, DonationFilter, StoreError, Total, row_decode};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Row;

use crate::address::DatabaseAddress;
use crate::connection::{OpenConnection, Purpose};
use crate::rows::read;
use crate::value::Value;
use crate::{ledger, reports, schema};

/// The size at which a page is written, in bytes: some thousand events. So much is held in memory,
/// and lost when the copy is interrupted.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The number of rows read back at once.
const READ_ROWS: u32 = 5000;

/// The time to wait for another copy's write; one that was killed may still be writing its last page.
const WAIT_FOR_THE_OTHER: &str = "set local lock_timeout = '5s'";

/// Locks the row of this copy. It finds no row if another copy has begun since.
const STILL_OURS: &str = "select 1 from copying where copier = $1 for update";

/// Waits for a page that another copy writes. This lock comes before those of the page's tables, in
/// the same order as there.
const NOBODY_WRITES: &str = "lock table copying in exclusive mode";

/// Waits for running transactions that record events, so that their events are seen.
const NOBODY_RECORDS: &str = "lock table event in share row exclusive mode";

/// Sets the inbox's sequence to its end, so that nothing can be recorded.
const NO_MORE: &str = "\
    alter sequence event_seq restart with 9223372036854775807; select nextval('event_seq')";

/// The result of beginning an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyStart {
    /// The database was empty.
    New,
    /// The database had a part of the same source, which is kept.
    Resumed,
    /// The database had a part of another source, or of the source as it was before, which has been
    /// deleted.
    Anew,
    /// The database is in use; nothing was changed.
    InUse,
}

/// The progress of a table.
#[derive(Debug)]
pub struct Reached {
    /// The number of imported rows.
    pub rows: u64,
    /// The greatest key among the imported rows.
    pub key: Option<Vec<String>>,
}

/// Rows that are not written yet, as columns.
#[derive(Default)]
pub struct ImportPage {
    columns: Vec<Vec<Option<String>>>,
    bytes: usize,
}

/// A database that imports what another store holds. Its methods block and must not be called on a
/// runtime. After an error it must be opened again.
pub struct Import {
    runtime: Runtime,
    open: OpenConnection,
    /// An id that distinguishes this copy from any other.
    copier: String,
}

impl Import {
    /// Connects and migrates the schema.
    ///
    /// # Errors
    /// If the server cannot be reached, or the schema cannot be migrated.
    pub fn open(address: &DatabaseAddress) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Failed(error.to_string()))?;
        let open = runtime.block_on(async {
            schema::migrate(address.clone()).await?;
            let open = OpenConnection::new(address.clone(), Purpose::Migrate).await?;
            open.in_transaction(async {
                let checked = schema::check(&open).await;
                if checked == Err(StoreError::CopyIncomplete) { Ok(()) } else { checked }
            })
            .await?;
            Ok(open)
        })?;
        Ok(Self { runtime, open, copier: String::new() })
    }

    /// Begins or resumes the import of the source that the text `source` identifies. A copy that
    /// began before can write nothing more.
    ///
    /// # Errors
    /// If the server fails.
    pub fn begin(&mut self, source: &str) -> Result<CopyStart, StoreError> {
        let (begun, copier) = self.runtime.block_on(begin(&self.open, source))?;
        self.copier = copier;
        Ok(begun)
    }

    /// Returns the progress of a table.
    ///
    /// # Errors
    /// If the server fails.
    pub fn reached(&mut self, table: &CopiedTable) -> Result<Reached, StoreError> {
        self.runtime.block_on(self.open.in_transaction(reached(&self.open, table)))
    }

    /// Writes all rows of a page in one transaction and empties the page. Returns their number.
    ///
    /// # Errors
    /// If the server fails or refuses a row; [`StoreError::Busy`] if another copy has begun since.
    pub fn write(&mut self, table: &CopiedTable, page: &mut ImportPage) -> Result<u64, StoreError> {
        let ImportPage { columns, .. } = std::mem::take(page);
        let values: Vec<_> = columns.iter().map(|it| it as &dyn Value).collect();
        if values.is_empty() {
            return Ok(0);
        }
        let insert = tables::insert(table);
        self.runtime.block_on(self.while_ours(self.open.execute(&insert, &values)))
    }

    /// Reads the rows of a table back in the order of their keys, in the form of the source.
    ///
    /// # Errors
    /// If the server fails.
    pub fn rows(
        &mut self,
        table: &CopiedTable,
        each: impl FnMut(&[Option<&str>]),
    ) -> Result<(), StoreError> {
        self.runtime.block_on(self.open.in_transaction(rows(&self.open, table, each)))
    }

    /// Runs `analyze`, without which the planner has no statistics for the totals.
    ///
    /// # Errors
    /// If the server fails.
    pub fn analyze(&mut self) -> Result<(), StoreError> {
        let analyze = format!("analyze {}", names());
        self.runtime.block_on(self.open.in_transaction(self.open.run(&analyze)))
    }

    /// Returns the totals of all donations, as [`portal_domain::ports::Ledger::totals`] does.
    ///
    /// # Errors
    /// If the server fails.
    pub fn totals(&mut self) -> Result<Vec<Total>, StoreError> {
        let all = DonationFilter::default();
        self.runtime.block_on(self.open.in_transaction(ledger::totals(&self.open, &all)))
    }

    /// Returns the backlog, as [`portal_domain::ports::Reports::backlog`] does.
    ///
    /// # Errors
    /// If the server fails.
    pub fn backlog(&mut self) -> Result<Backlog, StoreError> {
        self.runtime.block_on(self.open.in_transaction(reports::backlog(&self.open)))
    }

    /// Marks the imported rows as useless: the next import starts again, from any source.
    ///
    /// # Errors
    /// If the server fails.
    pub fn discard(&mut self) -> Result<(), StoreError> {
        self.runtime.block_on(self.while_ours(self.open.run("update copying set source = ''")))
    }

    /// Marks the database as complete, so that stores can open it.
    ///
    /// # Errors
    /// If the server fails.
    pub fn end(self) -> Result<(), StoreError> {
        self.runtime.block_on(self.while_ours(end(&self.open)))
    }

    async fn while_ours<T>(
        &self,
        step: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.open
            .in_transaction(async {
                let ours = self.open.query(STILL_OURS, &[&self.copier.as_str()]).await?;
                if ours.is_empty() { Err(StoreError::Busy) } else { step.await }
            })
            .await
    }
}

impl ImportPage {
    /// Adds a row, each value as text, booleans as 0 and 1.
    pub fn add(&mut self, row: &[Option<&str>]) {
        self.columns.resize_with(row.len(), Vec::new);
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell.map(ToOwned::to_owned));
            self.bytes += size_of::<Option<String>>() + cell.map_or(0, str::len);
        }
    }

    /// Returns true if the page should be written.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= PAGE_BYTES
    }
}

async fn begin(open: &OpenConnection, source: &str) -> Result<(CopyStart, String), StoreError> {
    open.in_transaction(async {
        open.run(WAIT_FOR_THE_OTHER).await?;
        open.run(NOBODY_WRITES).await?;
        open.run(NOBODY_RECORDS).await?;
        let found = open.first("select source from copying", &[], row_decode::text).await?;
        let begun = match found {
            Some(found) if found == source => CopyStart::Resumed,
            Some(_) => CopyStart::Anew,
            None if is_empty(open).await? => CopyStart::New,
            None => return Ok((CopyStart::InUse, String::new())),
        };
        if begun == CopyStart::Anew {
            open.run(&format!("truncate {}", names())).await?;
        }
        open.run(NO_MORE).await?;
        let copying = "insert into copying (source, copier) \
                       values ($1, pg_current_xact_id()::text) \
                       on conflict (only_row) do update set source = excluded.source, \
                           copier = excluded.copier \
                       returning copier";
        Ok((begun, open.one(copying, &[&source], row_decode::text).await?))
    })
    .await
}

async fn is_empty(open: &OpenConnection) -> Result<bool, StoreError> {
    let rows = TABLES.map(|it| format!("exists (select 1 from {})", it.name)).join(" or ");
    open.one(&format!("select not ({rows})"), &[], row_decode::boolean).await
}

async fn reached(open: &OpenConnection, table: &CopiedTable) -> Result<Reached, StoreError> {
    let (name, texts, down) =
        (table.name, tables::key(table, "::text"), tables::key(table, " desc"));
    let count = format!("select count(*) from {name}");
    let rows = open.one(&count, &[], row_decode::number).await?;
    let greatest = format!("select {texts} from {name} as it order by {down} limit 1");
    let texts = |row: &Row| (0..row.len()).map(|column| read(row, column)).collect();
    let key = open.query(&greatest, &[]).await?.first().map(texts).transpose()?;
    Ok(Reached { rows, key })
}

async fn rows(
    open: &OpenConnection,
    table: &CopiedTable,
    mut each: impl FnMut(&[Option<&str>]),
) -> Result<(), StoreError> {
    let name = table.name;
    let json = table.json();
    open.run(&format!("declare of_{name} cursor for {}", tables::select(table))).await?;
    loop {
        let rows = open.query(&format!("fetch {READ_ROWS} from of_{name}"), &[]).await?;
        for row in &rows {
            let cells = (0..row.len()).map(|column| read(row, column));
            let mut cells: Vec<Option<&str>> = cells.collect::<Result<_, _>>()?;
            let written_anew = json.and_then(|it| cells.get(it).copied().flatten()).map(sorted);
            let written_anew = written_anew.transpose()?;
            if let Some(cell) = json.and_then(|it| cells.get_mut(it)) {
                *cell = written_anew.as_deref();
            }
            each(&cells);
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

/// Normalizes JSON as the source has it: the server changes the order of keys and the spaces.
fn sorted(json: &str) -> Result<String, StoreError> {
    let mut value: serde_json::Value =
        serde_json::from_str(json).map_err(|_| StoreError::Corrupt)?;
    value.sort_all_objects();
    Ok(value.to_string())
}

/// Resets the inbox's sequence, which the import has blocked, and marks the database as complete.
async fn end(open: &OpenConnection) -> Result<(), StoreError> {
    // An empty inbox begins with 1.
    let last = open.one("select max(seq) from event", &[], |row| row.integer(0)).await?;
    let next = last.unwrap_or(0).saturating_add(1);
    open.run(&format!("alter sequence event_seq restart with {next}")).await?;
    open.run("delete from copying").await
}

fn names() -> String {
    TABLES.map(|it| it.name).join(", ")
}
