//! The folder of the database, and the journal of what the server did to it.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::run::{Failure, command, run};

use super::image::Files;

/// The library that is preloaded into the server.
const SHIM: &str = "tools/chaos/shim/journal.c";

/// The index of the log: SQLite makes it anew, and shares it between processes in memory.
const INDEX: &str = "-shm";

/// A folder, and the journal of it.
pub(crate) struct Disk {
    folder: PathBuf,
    shim: String,
    journal: String,
}

impl Disk {
    /// The disk with the files `folder`; its journal and what writes it are in `beside`.
    pub(crate) fn new(folder: &Path, beside: &Path) -> Result<Self, Failure> {
        let text = |file| beside.join(file).into_os_string().into_string();
        let text = |file| text(file).map_err(|path| format!("{} is no text", path.display()));
        let (shim, journal) = (text("journal.so")?, text("journal")?);
        run(&mut command("cc", &["-shared", "-fPIC", "-pthread", "-o", &shim, SHIM]))?;
        Ok(Self { folder: folder.to_owned(), shim, journal })
    }

    /// Begins a new journal; returns the variables with which a server writes it.
    pub(crate) fn begin(&self) -> Result<[(&'static str, &str); 3], Failure> {
        fs::write(&self.journal, "")?;
        let folder = self.folder.to_str().ok_or("the folder is no text")?;
        Ok([("LD_PRELOAD", &self.shim), ("JOURNAL_OF", folder), ("JOURNAL", &self.journal)])
    }

    /// Returns the journal so far.
    pub(crate) fn journal(&self) -> Result<Vec<u8>, Failure> {
        Ok(fs::read(&self.journal)?)
    }

    /// Returns all files but the index.
    pub(crate) fn files(&self) -> Result<Files, Failure> {
        let mut files = Files::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|_| "a name that is no text")?;
            if !name.ends_with(INDEX) {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(files)
    }

    /// Puts `files` in the place of all that is there.
    pub(crate) fn replace(&self, files: &Files) -> Result<(), Failure> {
        write_to(&self.folder, files)
    }
}

/// Makes `folder` anew, with `files` alone.
pub(crate) fn write_to(folder: &Path, files: &Files) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    files.iter().try_for_each(|(name, content)| Ok(fs::write(folder.join(name), content)?))
}
