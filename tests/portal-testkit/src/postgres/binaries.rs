//! Finds `initdb` and `postgres`.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::postgres::failure::Failure;
use crate::postgres::install;

/// The oldest version with `initdb --locale-provider`, and the oldest that is still maintained here.
const VERSION_MIN: u32 = 15;

/// Folders outside `PATH` in which distributions have a folder for each installed version, with the
/// beginning of its name.
const ELSEWHERE: [(&str, &str); 5] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
    ("/usr/local", "pgsql"),
];

/// A folder with the programs of one PostgreSQL version.
#[derive(Debug, Clone)]
pub struct Binaries {
    folder: PathBuf,
    version: u32,
}

impl Binaries {
    /// Searches `PATH` first, then the usual folders for the newest version.
    ///
    /// # Errors
    /// [`Failure::NoServer`] names the package to install.
    pub fn find() -> Result<Self, Failure> {
        in_path().or_else(newest_elsewhere).ok_or_else(|| Failure::NoServer(ADVICE.into()))
    }

    /// Like [`Binaries::find`], but root on a Debian-like system gets the package installed first.
    ///
    /// # Errors
    /// [`Failure::NoServer`] if nothing may be installed, or the error of `apt-get`.
    pub fn find_or_install() -> Result<Self, Failure> {
        Self::find().or_else(|_| install::only_once(Self::find))
    }

    /// The folder of the programs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The major version, such as 15.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Returns a program of this version, or the one in `PATH` if clients are packaged separately.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let beside = self.folder.join(name);
        if beside.exists() { beside } else { name.into() }
    }

    fn at(folder: &Path) -> Option<Self> {
        // A link in PATH may stand alone; the other programs are beside the real file.
        let postgres = fs::canonicalize(folder.join("postgres")).ok()?;
        let folder = postgres.parent()?.to_path_buf();
        let version = version(&postgres)?;
        (folder.join("initdb").exists() && version >= VERSION_MIN)
            .then_some(Self { folder, version })
    }
}

const ADVICE: &str = "install version 15 or newer: `apt-get install postgresql` (Debian, Ubuntu), \
     `dnf install postgresql-server` (Fedora), `brew install postgresql@17` (macOS), \
     or put the folder with its `initdb` and `postgres` into PATH";

fn in_path() -> Option<Binaries> {
    env::split_paths(&env::var_os("PATH")?).find_map(|folder| Binaries::at(&folder))
}

fn newest_elsewhere() -> Option<Binaries> {
    let entries = ELSEWHERE.iter().filter_map(|(parent, beginning)| {
        let of_versions =
            move |entry: &DirEntry| entry.file_name().to_string_lossy().starts_with(beginning);
        Some(fs::read_dir(parent).ok()?.flatten().filter(of_versions))
    });
    let found = entries.flatten().filter_map(|entry| Binaries::at(&entry.path().join("bin")));
    found.max_by_key(|found| found.version)
}

/// Parses the version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or `17beta1`.
fn version(postgres: &Path) -> Option<u32> {
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number = text.split_whitespace().nth(2)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_and_its_siblings_are_found() {
        let found = Binaries::find().unwrap();
        assert!(found.version() >= VERSION_MIN);
        assert!(found.folder().join("initdb").exists());
    }

    #[test]
    fn a_folder_without_a_server_is_not_taken() {
        assert!(Binaries::at(Path::new("/")).is_none());
    }
}
