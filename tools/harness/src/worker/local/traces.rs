//! The traces of a Worker: its database, its files, its log.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use xtask::run::Failure;

use crate::database::{Database, Reader};
use crate::worker::local::Local;

impl Local {
    /// The file that its D1 database is.
    pub fn database_file(&self) -> Result<PathBuf, Failure> {
        let mut files = files(&self.state.join("v3/d1"))?.into_iter();
        // The runtime has one file more, of its own.
        let is_database = |file: &PathBuf| {
            file.extension().is_some_and(|it| it == "sqlite")
                && file.file_stem().is_some_and(|it| it != "metadata")
        };
        Ok(files.find(is_database).ok_or("D1 left no database")?)
    }

    /// Its D1 database, read past the Worker.
    pub fn database(&self) -> Result<Reader, Failure> {
        Database::Sqlite(self.database_file()?).open()
    }

    /// Every file that it keeps, its log last.
    pub fn kept(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut kept = files(&self.state)?;
        kept.push(self.log.clone());
        Ok(kept)
    }

    /// Returns its log lines, which are JSON; `wrangler`'s own are not.
    pub fn lines(&self) -> Result<Vec<Value>, Failure> {
        let log = fs::read_to_string(&self.log)?;
        let objects = log.lines().filter(|line| line.starts_with('{'));
        Ok(objects.filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Returns the end of its log and of `wrangler`'s.
    pub fn end_of_log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines = log.lines().collect::<Vec<_>>();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }
}

/// All files below `folder`, in no order; none where it is not there.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.append(&mut files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}
