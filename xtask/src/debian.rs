//! Programs from Debian's packages.

use crate::run::{Failure, command, read, run, succeeds};
use crate::steps::NotRun;

/// Installs the packages of `programs`, each a program with its package, that are not there.
pub fn install_programs(programs: &[(&str, &str)]) -> Result<(), Failure> {
    let is_there = |name: &str| succeeds(&mut command("sh", &["-c", &format!("type {name}")]));
    let missing = programs.iter().filter(|(program, _)| !is_there(program));
    install(&missing.map(|(_, package)| *package).collect::<Vec<_>>())
}

/// Installs `packages`; none is nothing to do.
pub fn install(packages: &[&str]) -> Result<(), Failure> {
    if packages.is_empty() {
        return Ok(());
    }
    if !is_root()? {
        return Err(NotRun(format!("missing; install them first: {}", packages.join(" "))).into());
    }
    println!("installing {}", packages.join(" "));
    let quiet = ("DEBIAN_FRONTEND", "noninteractive");
    run(command("apt-get", &["update", "-q"]).envs([quiet]))?;
    let install = ["install", "-y", "-q", "--no-install-recommends"];
    run(command("apt-get", &install).args(packages).envs([quiet]))
}

/// Returns true if this process may do everything.
pub fn is_root() -> Result<bool, Failure> {
    Ok(read(&mut command("id", &["-u"]))?.trim() == "0")
}
