//! Taking over all that another store holds, page by page; reading it back to be compared.
//!
//! Until that has ended the database is *unfinished*: no store opens it, and nothing can be recorded
//! or claimed in it, not even by a service that had it open before.

mod tables;

use portal_domain::{Backlog, DonationFilter, StoreError, Total, UnixSeconds, row};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::address::Address;
use crate::connection::{Open, Purpose};
use crate::rows::{Cells, read};
use crate::{inbox, ledger, schema};

pub use tables::{TABLES, Table};

/// A page is to be written when it has so many bytes, some thousand events: that much is held in
/// memory, and that much is lost when the copying is cut off.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// So many rows are read back at once.
const READ_ROWS: u32 = 5000;

/// Held by whoever copies, to the end of its connection. One that was killed may still be writing its
/// last page; who comes next waits for that, and not for long.
const ONE_COPIES: &str =
    "set lock_timeout = '5s'; select pg_advisory_lock(x'444f4e41'::integer, 2)";

/// Whoever records now is waited for, and seen.
const NOBODY_RECORDS: &str = "lock table event in share row exclusive mode";

/// Takes the last place in the inbox, and the last claim: without one nothing can be recorded, nor
/// claimed.
const NO_MORE: &str = "\
    alter sequence event_seq restart with 9223372036854775807; select nextval('event_seq'); \
    alter sequence claim restart with 9223372036854775807; select nextval('claim')";

/// Where the sequences go on, as of the rows that are there.
const GREATEST: [(&str, &str); 2] =
    [("event_seq", "select max(seq) from event"), ("claim", "select max(lease) from unsettled")];

/// How taking over began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing was there.
    New,
    /// A part of the same source was there, and stays.
    Resumed,
    /// A part of what is not the source now was there, and is there no more.
    Anew,
    /// Not at all: the database is in use.
    InUse,
}

/// How far a table has come.
#[derive(Debug)]
pub struct Reached {
    /// How many rows it has.
    pub rows: u64,
    /// The greatest key among them.
    pub key: Option<Vec<String>>,
}

/// Rows that are not written yet, as their columns.
#[derive(Default)]
pub struct Page {
    columns: Vec<Vec<Option<String>>>,
    bytes: usize,
}

/// A database that takes over what another store holds. Its methods block, and are not to be called
/// on a runtime; after a failure there is nothing to do but to open it anew.
pub struct Import {
    runtime: Runtime,
    open: Open,
}

impl Import {
    /// Connects, and brings the schema up to date.
    ///
    /// # Errors
    /// Where that is not possible now; [`StoreError::Busy`] where another one copies into it.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Failed(error.to_string()))?;
        let open = runtime.block_on(async {
            schema::migrate(address.clone()).await?;
            let mut open = Open::with_any_schema(address.clone(), Purpose::Migrate).await?;
            match schema::check(&mut open).await {
                Ok(()) | Err(StoreError::Unfinished) => {}
                Err(error) => return Err(error),
            }
            open.run(ONE_COPIES).await?;
            Ok(open)
        })?;
        Ok(Self { runtime, open })
    }

    /// Makes the database one that takes over `source`, which is told from others by that text.
    ///
    /// # Errors
    /// Where the server fails.
    pub fn begin(&mut self, source: &str) -> Result<Begun, StoreError> {
        self.runtime.block_on(begin(&mut self.open, source))
    }

    /// How far a table has come.
    ///
    /// # Errors
    /// Where the server fails.
    pub fn reached(&mut self, table: &Table) -> Result<Reached, StoreError> {
        self.runtime.block_on(reached(&mut self.open, table))
    }

    /// Makes a page of rows durable, all or none, and empties it; tells how many they were.
    ///
    /// # Errors
    /// Where the server fails, or does not take one of them.
    pub fn write(&mut self, table: &Table, page: &mut Page) -> Result<u64, StoreError> {
        let Page { columns, .. } = std::mem::take(page);
        let values: Vec<_> = columns.iter().map(|it| it as &(dyn ToSql + Sync)).collect();
        if values.is_empty() {
            return Ok(0);
        }
        self.runtime.block_on(self.open.execute(&table.insert(), &values))
    }

    /// Reads the rows of a table back, in the order of their keys, and in the form in which they were
    /// handed over.
    ///
    /// # Errors
    /// Where the server fails.
    pub fn rows(
        &mut self,
        table: &Table,
        each: impl FnMut(&[Option<&str>]),
    ) -> Result<(), StoreError> {
        self.runtime.block_on(rows(&mut self.open, table, each))
    }

    /// Has the server look at what came in: else it would guess how to add it up.
    ///
    /// # Errors
    /// Where the server fails.
    pub fn analyze(&mut self) -> Result<(), StoreError> {
        self.runtime.block_on(self.open.run(&format!("analyze {}", names())))
    }

    /// As [`portal_domain::Store::totals`], of all donations.
    ///
    /// # Errors
    /// Where the server fails.
    pub fn totals(&mut self) -> Result<Vec<Total>, StoreError> {
        self.runtime.block_on(ledger::totals(&mut self.open, &DonationFilter::default()))
    }

    /// As [`portal_domain::Store::backlog`].
    ///
    /// # Errors
    /// Where the server fails.
    pub fn backlog(&mut self, now: UnixSeconds) -> Result<Backlog, StoreError> {
        self.runtime.block_on(inbox::backlog(&mut self.open, now))
    }

    /// What was taken over is of no use: the next one begins anew, with whatever source.
    ///
    /// # Errors
    /// Where the server fails.
    pub fn discard(&mut self) -> Result<(), StoreError> {
        self.runtime.block_on(self.open.run("update copying set source = ''"))
    }

    /// The database is whole, and stores may open it.
    ///
    /// # Errors
    /// Where the server fails.
    pub fn end(mut self) -> Result<(), StoreError> {
        self.runtime.block_on(end(&mut self.open))
    }
}

impl Page {
    /// Adds a row: each value as text, truths as 0 and 1.
    pub fn add(&mut self, row: &[Option<&str>]) {
        self.columns.resize_with(row.len(), Vec::new);
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell.map(ToOwned::to_owned));
            self.bytes += size_of::<Option<String>>() + cell.map_or(0, str::len);
        }
    }

    /// Whether it is time to write it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= PAGE_BYTES
    }
}

async fn begin(open: &mut Open, source: &str) -> Result<Begun, StoreError> {
    open.begin().await?;
    open.run(NOBODY_RECORDS).await?;
    let found = open.first("select source from copying", &[]).await?;
    let found: Option<String> = found.as_ref().map(|row| read(row, 0)).transpose()?;
    let begun = match found {
        Some(found) if found == source => Begun::Resumed,
        Some(_) => Begun::Anew,
        None if is_empty(open).await? => Begun::New,
        None => Begun::InUse,
    };
    if begun == Begun::Anew {
        open.run(&format!("truncate {}", names())).await?;
    }
    if begun != Begun::InUse {
        open.run(NO_MORE).await?;
        let copying = "insert into copying (source) values ($1) \
                       on conflict (only_row) do update set source = excluded.source";
        open.execute(copying, &[&source]).await?;
    }
    open.commit().await?;
    Ok(begun)
}

async fn is_empty(open: &mut Open) -> Result<bool, StoreError> {
    let rows = TABLES.map(|it| format!("exists (select 1 from {})", it.name)).join(" or ");
    let row = open.first(&format!("select not ({rows})"), &[]).await?;
    read(&row.ok_or(StoreError::Corrupt)?, 0)
}

async fn reached(open: &mut Open, table: &Table) -> Result<Reached, StoreError> {
    let (name, texts, down) = (table.name, table.key("::text"), table.key(" desc"));
    let count = open.first(&format!("select count(*) from {name}"), &[]).await?;
    let greatest = format!("select {texts} from {name} as it order by {down} limit 1");
    let greatest = open.first(&greatest, &[]).await?;
    let texts = |row: Row| (0..row.len()).map(|column| read(&row, column)).collect();
    Ok(Reached {
        rows: row::count(&Cells(&count.ok_or(StoreError::Corrupt)?), 0)?,
        key: greatest.map(texts).transpose()?,
    })
}

async fn rows(
    open: &mut Open,
    table: &Table,
    mut each: impl FnMut(&[Option<&str>]),
) -> Result<(), StoreError> {
    let name = table.name;
    let json = table.columns().position(|(_, kind)| kind == "jsonb");
    open.begin().await?;
    open.run(&format!("declare of_{name} cursor for {}", table.select())).await?;
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
            return open.commit().await;
        }
    }
}

/// JSON as it was handed over: the server has an order and spaces of its own.
fn sorted(json: &str) -> Result<String, StoreError> {
    let mut value: Value = serde_json::from_str(json).map_err(|_| StoreError::Corrupt)?;
    value.sort_all_objects();
    Ok(value.to_string())
}

/// In one step: places and claims are given again when the database is whole, and no sooner.
async fn end(open: &mut Open) -> Result<(), StoreError> {
    open.begin().await?;
    for (sequence, greatest) in GREATEST {
        let row = open.first(greatest, &[]).await?.ok_or(StoreError::Corrupt)?;
        let next = read::<Option<i64>>(&row, 0)?.unwrap_or_default().saturating_add(1);
        open.run(&format!("alter sequence {sequence} restart with {next}")).await?;
    }
    open.run("delete from copying").await?;
    open.commit().await
}

fn names() -> String {
    TABLES.map(|it| it.name).join(", ")
}
