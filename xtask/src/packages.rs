//! Packages from registries, at the versions of a list in the tree, installed below `target`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::debian;
use crate::run::{Failure, command, run, succeeds};
use crate::steps::NotRun;

/// The programs that compile a package of npm, each with its package of Debian.
const COMPILERS: [(&str, &str); 5] =
    [("c++", "g++"), ("make", "make"), ("node", "nodejs"), ("npm", "npm"), ("python3", "python3")];

/// One of Node's headers, where Debian has them: npm would download its own from nodejs.org.
const NODE_HEADER: &str = "/usr/include/node/node.h";

/// Has npm compile with those headers.
const FROM_SOURCE: [(&str, &str); 2] =
    [("npm_config_build_from_source", "true"), ("npm_config_nodedir", "/usr")];

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

    /// Installs what `package-lock.json` lists, each with its checksum, and compiles `native` here,
    /// because what is built already could not be downloaded from npm alone.
    pub fn npm_compiled(&self, native: &str) -> Result<(), NotRun> {
        self.install("npm", "package-lock.json", || {
            debian::install_programs(&COMPILERS)?;
            if !Path::new(NODE_HEADER).exists() {
                debian::install(&["libnode-dev"])?;
            }
            let npm = |words| run(command("npm", words).current_dir(self.to).envs(FROM_SOURCE));
            npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
            npm(&["rebuild", native])
        })
    }

    /// Installs what `requirements.txt` lists, into a Python environment of its own.
    pub fn pypi(&self) -> Result<(), NotRun> {
        self.install("PyPI", "requirements.txt", || {
            if !succeeds(&mut command("python3", &["-c", "import ensurepip"])) {
                debian::install(&["python3-venv"])?;
            }
            let environment = self.path("venv").display().to_string();
            run(&mut command("python3", &["-m", "venv", &environment]))?;
            let list = format!("{}/requirements.txt", self.from);
            run(&mut command(self.venv("pip"), &["install", "--quiet", "--requirement", &list]))
        })
    }

    /// A program of the Python environment.
    pub fn venv(&self, program: &str) -> PathBuf {
        self.path("venv/bin").join(program)
    }

    /// Runs `by` unless it ran for this very `list` of versions.
    fn install(
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
