//! Programs that check files which are not ours to interpret.

use std::ffi::OsStr;
use std::process::Command;

use crate::packages::Packages;
use crate::run::{Failure, command, run};

/// The checkers, at the versions of `xtask/checkers`.
const CHECKERS: Packages = Packages { from: "xtask/checkers", to: "target/checkers" };

/// Installs them, where they are not there already.
pub fn install() -> Result<(), Failure> {
    Ok(CHECKERS.pypi()?)
}

/// A checker with `arguments`.
pub fn checker(name: &str, arguments: &[&str]) -> Command {
    command(CHECKERS.venv(name), arguments)
}

/// Checks `file` against a schema that the checker brings along.
pub fn check_schema(schema: &str, file: impl AsRef<OsStr>) -> Result<(), Failure> {
    run(checker("check-jsonschema", &["--builtin-schema", schema]).arg(file))
}
