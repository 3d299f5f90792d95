//! The senders, at the versions of `tools/clients/scripts`.

use std::fs;
use std::path::PathBuf;

use xtask::packages::Packages;
use xtask::run::Failure;
use xtask::steps::NotRun;

const CLIENTS: Packages = Packages { from: "tools/clients/scripts", to: "target/clients" };

/// Installs Stripe's command line and Node library.
pub(crate) fn npm() -> Result<(), NotRun> {
    CLIENTS.npm()
}

/// Installs localstripe and Stripe's Python library.
pub(crate) fn pypi() -> Result<(), NotRun> {
    CLIENTS.pypi()
}

/// One of our scripts.
pub(crate) fn script(name: &str) -> PathBuf {
    CLIENTS.path(name)
}

/// A program of the Python environment.
pub(crate) fn venv(program: &str) -> PathBuf {
    CLIENTS.venv(program)
}

/// Stripe's command line: not npm's wrapper around it, which would outlive being killed.
pub(crate) fn stripe() -> Result<PathBuf, Failure> {
    let packages = CLIENTS.path("node_modules/@stripe");
    for package in fs::read_dir(&packages)? {
        let program = package?.path().join("bin/stripe");
        let is_script = fs::read(&program).is_ok_and(|bytes| bytes.starts_with(b"#!"));
        if program.is_file() && !is_script {
            return Ok(program);
        }
    }
    Err(format!("{} holds no stripe for this platform", packages.display()).into())
}
