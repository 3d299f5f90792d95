//! Packages from registries, at the versions of a list in the tree, installed below `target`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{Failure, command, run};
use crate::steps::NotRun;

/// A list of versions, with the scripts that need them, and where they are installed.
pub struct Packages {
    /// The folder in the tree.
    pub from: &'static str,
    /// The folder below `target`.
    pub to: &'static str,
}

impl Packages {
    /// Installs what `package.json` lists.
    pub fn npm(&self) -> Result<(), NotRun> {
        self.install("npm", "package.json", || {
            let quiet = ["--no-audit", "--no-fund", "--no-package-lock"];
            // The packages are complete without the scripts that they would run here.
            run(command("npm", &["install", "--ignore-scripts"]).args(quiet).current_dir(self.to))
        })
    }

    /// Runs `by` unless it ran for this very `list` of versions.
    pub fn install(
        &self,
        from: &str,
        list: &str,
        by: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), NotRun> {
        let installed = self.path(&format!("installed-{list}"));
        let attempt = || -> Result<(), Failure> {
            self.copy()?;
            let wanted = fs::read_to_string(Path::new(self.from).join(list))?;
            if fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
                println!("already there");
                return Ok(());
            }
            by()?;
            Ok(fs::write(&installed, wanted)?)
        };
        let missing = |failure| {
            NotRun(format!("{}: the packages from {from} are missing: {failure}", self.from))
        };
        attempt().map_err(missing)
    }

    /// The place of `name` once all is installed.
    pub fn path(&self, name: &str) -> PathBuf {
        Path::new(self.to).join(name)
    }

    /// Brings the scripts to where their libraries are.
    fn copy(&self) -> Result<(), Failure> {
        fs::create_dir_all(self.to)?;
        for entry in fs::read_dir(self.from)? {
            let entry = entry?;
            fs::copy(entry.path(), self.path(&entry.file_name().to_string_lossy()))?;
        }
        Ok(())
    }
}
