//! The files of a database: the database itself, and what SQLite keeps beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use portal_domain::StoreError;

/// The mode of a new database: for its owner only. SQLite gives it to the files beside it as well.
pub(crate) const MODE: u32 = 0o600;

/// The ending of the write-ahead log.
const WAL: &str = "-wal";

/// The ending of the index of the write-ahead log, which processes share.
pub(crate) const SHM: &str = "-shm";

/// The endings of what SQLite keeps beside a database.
pub(crate) const ENDINGS: [&str; 3] = [WAL, SHM, "-journal"];

/// The beginning of each database of SQLite.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The number of files of a folder that are looked at.
const ENTRIES_MAX: usize = 1000;

/// Returns the paths of the database and of what SQLite keeps beside it, whether they are there or not.
/// They are beside the file itself, not beside a link to it.
pub fn files_of(path: &Path) -> impl Iterator<Item = PathBuf> {
    std::iter::once(path.to_owned()).chain(ENDINGS.map(|it| beside(path, it)))
}

/// True if there is a database at `path`: an empty file is none.
#[must_use]
pub fn has_database(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| it.len() > 0 || !it.is_file())
}

/// Returns the file that tells that there is, or was, a database where `path` has none: what SQLite
/// keeps beside one, or another database in the folder, of whose name `path` may be a misspelling.
#[must_use]
pub fn trace_of_database(path: &Path) -> Option<PathBuf> {
    log_without_database(path).or_else(|| another_database(path))
}

/// Makes an empty file where there is none, which SQLite takes for a new database.
///
/// Refuses where a log of the database is there without it: the file is to be put back. With a new one
/// the log would be cut.
pub(crate) fn create_file(path: &Path) -> Result<(), StoreError> {
    if has_database(path) {
        return Ok(());
    }
    if log_without_database(path).is_some() {
        return Err(StoreError::Missing);
    }
    let new = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path);
    // Not every file system keeps the order in which files were made: after a power cut the journal of
    // the first change could be there without its database.
    match new.and_then(|_| sync_folder_of(path)) {
        Ok(()) => Ok(()),
        // It is empty, or another process has just made it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::NotMade(error.to_string())),
    }
}

/// Returns the log of a database that is not there.
fn log_without_database(path: &Path) -> Option<PathBuf> {
    let (ending, log) =
        ENDINGS.iter().map(|it| (*it, beside(path, it))).find(|(_, log)| has_content(log))?;
    // Looked at after the log, because another process may be making the database now: the file comes
    // first, and is empty while there is a journal of that.
    let is_there = if ending == WAL { has_database(path) } else { path.exists() };
    (!is_there).then_some(log)
}

pub(crate) fn has_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| it.len() > 0)
}

/// Returns the path of what SQLite keeps beside a database under that ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Returns the path of the write-ahead log: beside the file itself, not beside a link to it.
pub(crate) fn log_of(path: &Path) -> Result<PathBuf, StoreError> {
    let path = fs::canonicalize(path).map_err(|_| StoreError::Missing)?;
    Ok(beside(&path, WAL))
}

/// Returns the size of a database and its write-ahead log; `None` if it cannot be read.
#[must_use]
pub fn size_bytes(path: &Path) -> Option<u64> {
    let database = fs::metadata(path).ok()?.len();
    let log = log_of(path).ok().and_then(|it| fs::metadata(it).ok());
    Some(database + log.map_or(0, |it| it.len()))
}

/// Returns the folder of a file, `.` for a name alone.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Makes the names in the folder of a file outlive a power cut.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Returns another database in the folder of `path`.
fn another_database(path: &Path) -> Option<PathBuf> {
    let database = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let mut begin = [0; SQLITE_MAGIC.len()];
        let is_other =
            entry.file_type().ok()?.is_file() && Some(&*entry.file_name()) != path.file_name();
        is_other.then(|| File::open(entry.path()).ok()?.read_exact(&mut begin).ok())??;
        (begin == *SQLITE_MAGIC).then(|| entry.path())
    };
    fs::read_dir(folder_of(path)).ok()?.take(ENTRIES_MAX).find_map(database)
}

/// Refuses a file that is mounted alone, as `-v ./portal.db:/data/portal.db` does: its log would be in
/// the container, and what was acknowledged would go with it.
pub(crate) fn refuse_file_mount(path: &Path) -> Result<(), StoreError> {
    let Ok(path) = fs::canonicalize(path) else { return Ok(()) };
    let Some(folder) = path.parent() else { return Ok(()) };
    let device = |path: &Path| fs::metadata(path).map(|it| it.dev()).ok();
    // The fifth field is where something is mounted; there is no such file but on Linux.
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let is_mount = mounts.lines().any(|line| line.split(' ').nth(4).map(Path::new) == Some(&path));
    if is_mount || device(&path) != device(folder) {
        return Err(StoreError::MountedAlone { folder: folder.display().to_string() });
    }
    Ok(())
}
