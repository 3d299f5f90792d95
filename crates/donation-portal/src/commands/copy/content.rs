//! The content of a database as row counts and hashes.

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use indicatif::ProgressBar;
use portal_domain::StoreError;
use portal_domain::tables::TABLES;
use portal_postgres::import::Import;
use portal_sqlite::export::Export;

/// The tables of a database. Two are equal if every row is.
#[derive(PartialEq, Eq)]
pub(super) struct CopyContent(pub(super) Vec<Table>);

#[derive(PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) rows: u64,
    /// The hash of every value, in the order of the rows. Another version of this program may hash
    /// otherwise; a copy that it left incomplete then starts again.
    hash: u64,
}

impl CopyContent {
    pub(super) fn of_source(source: &Export, progress: &ProgressBar) -> Result<Self, StoreError> {
        let content = TABLES.iter().map(|table| {
            let mut content = Counting::default();
            source.rows(table, None, |row| {
                content.add(row, progress);
                Ok::<(), StoreError>(())
            })?;
            Ok(content.of(table.name))
        });
        content.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn of_target(
        target: &mut Import,
        progress: &ProgressBar,
    ) -> Result<Self, StoreError> {
        let content = TABLES.iter().map(|table| {
            let mut content = Counting::default();
            target.rows(table, |row| content.add(row, progress))?;
            Ok(content.of(table.name))
        });
        content.collect::<Result<_, _>>().map(Self)
    }

    /// The number of rows of all tables together.
    pub(super) fn rows(&self) -> u64 {
        self.0.iter().map(|it| it.rows).sum()
    }
}

/// Formats the content as an incomplete copy stores it, to see later whether the source changed.
impl fmt::Display for CopyContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Table { name, rows, hash }) in self.0.iter().enumerate() {
            let between = if index > 0 { ", " } else { "" };
            write!(f, "{between}{name} {rows} {hash:016x}")?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Counting {
    rows: u64,
    hasher: DefaultHasher,
}

impl Counting {
    fn add(&mut self, row: &[Option<&str>], progress: &ProgressBar) {
        row.hash(&mut self.hasher);
        self.rows += 1;
        progress.inc(1);
    }

    fn of(&self, name: &'static str) -> Table {
        Table { name, rows: self.rows, hash: self.hasher.finish() }
    }
}
