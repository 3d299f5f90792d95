//! A copy of the database while it is in use.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use portal_domain::{Advise, StoreError, Text, UnixSeconds, text};
use rusqlite::Connection;

use crate::connection::{AccessMode, OpenDatabase, failed};
use crate::files::{MODE, folder_of, sync_folder_of};

/// The error of a copy.
#[derive(Debug, PartialEq, Eq)]
pub enum CopyError {
    /// Of the database that is copied, or of the copy as a database.
    Store(StoreError),
    /// Of the file or folder that the copy is written to.
    File { path: PathBuf, why: Text },
}

/// The contents of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its size.
    pub bytes: u64,
    pub events: u64,
    pub payments: u64,
    /// The time of the last event's delivery, if there is one.
    pub last_received_at: Option<UnixSeconds>,
}

/// Copies the database at `from` to a new file at `to`, as it is at one moment, beside whoever writes
/// to it. When this returns the copy is whole, checked, and on the disk.
///
/// # Errors
/// If `from` cannot be read, `to` is there already, or the copy is not what it must be. Then there
/// is nothing at `to` that was not there before.
pub fn backup(from: &Path, to: &Path) -> Result<Copied, CopyError> {
    refuse_to_replace(to)?;
    let (partial, copied) = copy_checked(from, to)?;
    let bytes = partial.keep(to)?;
    Ok(Copied { bytes, ..copied })
}

/// Copies the database at `from` to a file beside `to` that is not whole yet, and checks the copy.
pub(crate) fn copy_checked(from: &Path, to: &Path) -> Result<(PartialCopy, Copied), CopyError> {
    let source = OpenDatabase::new(from, AccessMode::Copy)?;
    let partial = PartialCopy::new(to)?;
    let before = Content::of(&source.connection)?;
    let path = partial.path.to_str();
    let path = path.ok_or_else(|| {
        cannot(&partial.path, text!("its name is not UTF-8", "名前が UTF-8 ではありません"))
    })?;
    let copied = source.connection.execute("vacuum into ?1", [path]).map_err(failed);
    if copied == Err(StoreError::Full) {
        // Only the copy is written.
        return Err(cannot(&partial.path, &StoreError::Full));
    }
    copied?;
    let is_still = Content::of(&source.connection)?.version == before.version;
    source.check_not_moved()?;
    let copy = checked(&partial.path)?;
    let nothing_is_missing = if is_still {
        (copy.events, copy.payments) == (before.events, before.payments)
    } else {
        // Others wrote meanwhile; they may have forgotten old events, but no payment.
        copy.payments >= before.payments && copy.last_event >= before.last_event
    };
    if !nothing_is_missing {
        let why = text!(
            "it lacks what was there before the copy began",
            "コピーを始める前にあった内容が欠けています"
        );
        return Err(cannot(&partial.path, why));
    }
    let (events, payments) = (copy.events, copy.payments);
    let copied = Copied { bytes: 0, events, payments, last_received_at: copy.last_received_at };
    Ok((partial, copied))
}

/// Returns the path at which the copy grows until it is whole.
#[must_use]
pub fn partial_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    to.with_file_name(name)
}

/// A copy that is not whole yet; removed where that stays so.
pub(crate) struct PartialCopy {
    path: PathBuf,
    /// Locked for as long as this process copies: a file that nobody has locked was left behind.
    file: File,
}

impl PartialCopy {
    fn new(to: &Path) -> Result<Self, CopyError> {
        let path = partial_of(to);
        let folder = folder_of(to);
        if !folder.is_dir() {
            return Err(cannot(folder, text!("there is no such folder", "フォルダーがありません")));
        }
        if fs::symlink_metadata(&path).is_ok_and(|it| !it.is_file()) {
            let why = text!(
                "it is no file, and the copy is to grow there",
                "コピーを書き込む場所に、ファイル以外のものがあります"
            );
            return Err(cannot(&path, why));
        }
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            .open(&path)
            .map_err(|error| cannot(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(cannot(&path, at_work())),
            Err(TryLockError::Error(error)) => return Err(cannot(&path, error)),
        }
        let inode = |metadata: fs::Metadata| metadata.ino();
        if fs::metadata(&path).map(inode).ok() != file.metadata().map(inode).ok() {
            // Another one ended between opening and locking, and took the file with it.
            return Err(cannot(&path, at_work()));
        }
        let partial = Self { path, file };
        // Left behind by a process that was ended, and perhaps by another hand.
        let owned = partial.file.set_permissions(fs::Permissions::from_mode(MODE));
        let owned = owned.and_then(|()| partial.file.set_len(0));
        match owned {
            Ok(()) => Ok(partial),
            Err(error) => Err(cannot(&partial.path, error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the copy its name, for good; tells its size.
    pub(crate) fn keep(self, to: &Path) -> Result<u64, CopyError> {
        refuse_to_replace(to)?;
        let keep = || {
            // SQLite does not wait for the disk here.
            self.file.sync_all()?;
            let bytes = self.file.metadata()?.len();
            fs::rename(&self.path, to)?;
            sync_folder_of(to)?;
            Ok(bytes)
        };
        keep().map_err(|error: io::Error| cannot(to, error))
    }
}

impl Drop for PartialCopy {
    fn drop(&mut self) {
        // Not there any more once it has got its name.
        fs::remove_file(&self.path).ok();
    }
}

/// The contents of a database, which tell if others wrote to it in between.
struct Content {
    version: i64,
    events: u64,
    last_event: i64,
    last_received_at: Option<UnixSeconds>,
    payments: u64,
}

impl Content {
    /// All of it at one moment.
    fn of(connection: &Connection) -> Result<Self, StoreError> {
        let seen = connection.unchecked_transaction().map_err(failed)?;
        let number = |sql: &str| -> Result<i64, StoreError> {
            seen.query_row(sql, [], |row| row.get(0)).map_err(failed)
        };
        let count = |sql: &str| number(sql).map(i64::unsigned_abs);
        // A database of the first schema version has no ledger.
        let has_ledger = number("select count(*) from sqlite_schema where name = 'payment'")? > 0;
        Ok(Self {
            events: count("select count(*) from event")?,
            last_event: number("select coalesce(max(seq), 0) from event")?,
            last_received_at: seen
                .query_row("select max(received_at) from event", [], |row| row.get(0))
                .map(|at: Option<i64>| at.and_then(UnixSeconds::new))
                .map_err(failed)?,
            payments: if has_ledger { count("select count(*) from payment")? } else { 0 },
            version: number("pragma data_version")?,
        })
    }
}

/// Opens the copy as the service would, and reads all of it.
fn checked(path: &Path) -> Result<Content, StoreError> {
    let copy = OpenDatabase::new(path, AccessMode::Copy)?;
    let verdict: String = copy
        .connection
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(failed)?;
    if verdict != "ok" {
        return Err(StoreError::Corrupt);
    }
    Content::of(&copy.connection)
}

fn refuse_to_replace(to: &Path) -> Result<(), CopyError> {
    match to.symlink_metadata() {
        Ok(_) => {
            let why =
                text!("there is a file of that name already", "同じ名前のファイルがすでにあります");
            Err(cannot(to, why))
        }
        Err(_) => Ok(()),
    }
}

pub(crate) fn cannot(path: &Path, why: impl Into<Text>) -> CopyError {
    CopyError::File { path: path.to_owned(), why: why.into() }
}

/// Returns the error of a second backup.
fn at_work() -> Text {
    text!(
        "another backup writes to the same file",
        "別のバックアップが同じファイルに書き込んでいます"
    )
}

impl From<StoreError> for CopyError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for CopyError {}

impl Advise for CopyError {
    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::File { path, why } => Text::same(path.display()).about(why),
        }
    }

    fn advice(&self) -> Option<Text> {
        match self {
            Self::Store(error) => error.advice(),
            Self::File { .. } => None,
        }
    }
}
