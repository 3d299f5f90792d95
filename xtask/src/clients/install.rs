//! The senders, at the versions of `xtask/clients`, installed into `target/clients`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{Failure, command, run};
use crate::steps::NotRun;

const FROM: &str = "xtask/clients";
const TO: &str = "target/clients";

/// Installs Stripe's command line and Node library.
pub(crate) fn npm() -> Result<(), NotRun> {
    install("npm", "package.json", || {
        let quiet = ["--no-audit", "--no-fund", "--no-package-lock"];
        // The packages are complete without the scripts that they would run here.
        run(command("npm", &["install", "--ignore-scripts"]).args(quiet).current_dir(TO))
    })
}

/// Installs localstripe and Stripe's Python library.
pub(crate) fn pypi() -> Result<(), NotRun> {
    install("PyPI", "requirements.txt", || {
        run(&mut command("python3", &["-m", "venv", "target/clients/venv"]))?;
        let requirements =
            ["install", "--quiet", "--requirement", "xtask/clients/requirements.txt"];
        run(&mut command(venv("pip"), &requirements))
    })
}

/// Runs `by` unless it ran for this very `list` of versions.
fn install(from: &str, list: &str, by: impl FnOnce() -> Result<(), Failure>) -> Result<(), NotRun> {
    let installed = Path::new(TO).join(format!("installed-{list}"));
    let attempt = || -> Result<(), Failure> {
        copy()?;
        let wanted = fs::read_to_string(Path::new(FROM).join(list))?;
        if fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
            println!("already there");
            return Ok(());
        }
        by()?;
        Ok(fs::write(&installed, wanted)?)
    };
    attempt().map_err(|failure| NotRun(format!("the clients from {from} are missing: {failure}")))
}

/// Brings the scripts to where their libraries are.
fn copy() -> Result<(), Failure> {
    fs::create_dir_all(TO)?;
    for entry in fs::read_dir(FROM)? {
        let entry = entry?;
        fs::copy(entry.path(), Path::new(TO).join(entry.file_name()))?;
    }
    Ok(())
}

/// One of our scripts.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(TO).join(name)
}

/// A program of the Python environment.
pub(crate) fn venv(program: &str) -> PathBuf {
    Path::new(TO).join("venv/bin").join(program)
}

/// Stripe's command line: not npm's wrapper around it, which would outlive being killed.
pub(crate) fn stripe() -> Result<PathBuf, Failure> {
    let packages = Path::new(TO).join("node_modules/@stripe");
    for package in fs::read_dir(&packages)? {
        let program = package?.path().join("bin/stripe");
        let is_script = fs::read(&program).is_ok_and(|bytes| bytes.starts_with(b"#!"));
        if program.is_file() && !is_script {
            return Ok(program);
        }
    }
    Err(format!("{} holds no stripe for this platform", packages.display()).into())
}
