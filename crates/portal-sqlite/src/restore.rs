//! A backup in the place of a database that no process uses.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use portal_domain::{StoreError, text};
use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use crate::backup::{Copied, CopyError, cannot, copy_checked};
use crate::files::{ENDINGS, MODE, SHM, beside, files_of, folder_of, has_content, sync_folder_of};

/// The byte of NAME-shm on which each connection in WAL mode has a lock as long as it is open
/// (`UNIX_SHM_DMS` in SQLite's `os_unix.c`).
const OPEN_BYTE: u64 = 128;

/// The mode of the folder that keeps the old files.
const FOLDER_MODE: u32 = 0o700;

/// A restored database.
#[derive(Debug)]
pub struct Restored {
    pub content: Copied,
    /// The folder that the old files were moved to, if there were any.
    pub kept_in: Option<PathBuf>,
}

/// The user and the group that own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOwner {
    pub user: u32,
    pub group: u32,
}

/// Puts a copy of the backup at `from` in the place of the database at `to`.
///
/// The old files are moved to the new folder `aside`. The copy is whole, checked and on the disk
/// before, and belongs to [`owner_of_data`].
///
/// # Errors
/// [`StoreError::Busy`] if a process has the database open. If the backup cannot be read, is not what
/// it must be or has a log beside it, or the files cannot be written. Until the old files are moved
/// nothing has changed.
pub fn restore(from: &Path, to: &Path, aside: &Path) -> Result<Restored, CopyError> {
    if let Some(log) = log_beside(from) {
        let log = log.display();
        return Err(cannot(from, text!("{log} is beside it", "同じ場所に {log} があります")));
    }
    let (partial, content) = copy_checked(from, to)?;
    let failed = |error: io::Error| cannot(to, error);
    let owner = owner_of_data(to).map_err(failed)?;
    give(partial.path(), owner, MODE).map_err(failed)?;
    if user_of(to).is_some() {
        return Err(StoreError::Busy.into());
    }
    let kept_in = move_aside(to, aside, owner).map_err(failed)?;
    let bytes = partial.keep(to)?;
    Ok(Restored { content: Copied { bytes, ..content }, kept_in })
}

/// Returns the log beside a database that should be one whole file.
#[must_use]
pub fn log_beside(path: &Path) -> Option<PathBuf> {
    ENDINGS.iter().map(|it| beside(path, it)).find(|it| has_content(it) && !it.ends_with(SHM))
}

/// A process that has a database open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseUser {
    /// By its id.
    Process(i32),
    /// One of another container or machine, whose id is not known here.
    Elsewhere,
}

/// Returns a process that has the database at `path` open. It is found by SQLite's own lock, and no
/// lock is taken.
#[must_use]
pub fn user_of(path: &Path) -> Option<DatabaseUser> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file = File::options().read(true).write(true).open(beside(&path, SHM)).ok()?;
    let wanted = Flock {
        start: OPEN_BYTE,
        length: 1,
        pid: None,
        typ: FlockType::WriteLock,
        offset_type: FlockOffsetType::Set,
    };
    let held = fcntl_getlk(&file, &wanted).ok()??;
    Some(
        held.pid.map_or(DatabaseUser::Elsewhere, |pid| {
            DatabaseUser::Process(pid.as_raw_nonzero().get())
        }),
    )
}

/// Returns the user that the files of the database at `path` should belong to: that of the folder; of
/// the database itself, where the folder is root's.
///
/// # Errors
/// If the folder is not there.
pub fn owner_of_data(path: &Path) -> io::Result<FileOwner> {
    let owner = |it: fs::Metadata| FileOwner { user: it.uid(), group: it.gid() };
    let of_folder = owner(fs::metadata(folder_of(path))?);
    let of_file = fs::metadata(path).map(owner).ok();
    Ok(of_file.filter(|_| of_folder.user == 0).unwrap_or(of_folder))
}

/// Gives a file or folder to its owner alone.
fn give(path: &Path, owner: FileOwner, mode: u32) -> io::Result<()> {
    let is = fs::metadata(path)?;
    if (is.uid(), is.gid()) != (owner.user, owner.group) {
        chown(path, Some(owner.user), Some(owner.group))?;
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Moves the files of a database, the database first: without it no start takes its log for that of
/// another one.
fn move_aside(path: &Path, aside: &Path, owner: FileOwner) -> io::Result<Option<PathBuf>> {
    let files: Vec<PathBuf> = files_of(path).filter(|it| it.symlink_metadata().is_ok()).collect();
    if files.is_empty() {
        return Ok(None);
    }
    DirBuilder::new().mode(FOLDER_MODE).create(aside)?;
    give(aside, owner, FOLDER_MODE)?;
    for file in files {
        fs::rename(&file, aside.join(file.file_name().unwrap_or_default()))?;
    }
    File::open(aside)?.sync_all()?;
    sync_folder_of(path)?;
    Ok(Some(aside.to_owned()))
}
