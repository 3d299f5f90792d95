//! The files below `deploy`, and the Dockerfile: those who read them can, and the service runs with no
//! rights that it does not need.

use std::fs;
use std::path::{Path, PathBuf};

use crate::checkers::{check_schema, checker, install};
use crate::run::{Failure, command, run};

/// The exposure that systemd may find, in tenths: all that is left are sockets and its folder.
const EXPOSURE_MAX: &str = "--threshold=15";

/// Checks the units, the image's recipe, and the manifests of compose and Kubernetes.
pub fn check() -> Result<(), Failure> {
    install()?;
    units()?;
    run(&mut checker("hadolint", &["Dockerfile"]))?;
    for file in files("deploy/compose")? {
        check_schema("vendor.compose-spec", &file)?;
    }
    run(checker("kubernetes-validate", &["--strict"]).args(files("deploy/kubernetes")?))
}

fn units() -> Result<(), Failure> {
    for unit in files("deploy/systemd")? {
        let is = |extension| unit.extension().is_some_and(|it| it == extension);
        if is("service") {
            let judge = ["security", "--offline=true", "--no-pager", EXPOSURE_MAX];
            run(command("systemd-analyze", &judge).arg(&unit))?;
        }
        if is("service") || is("timer") {
            run(command("systemd-analyze", &["verify", "--man=no"]).arg(runnable(&unit)?))?;
        }
    }
    Ok(())
}

/// Copies a unit to `target`, with a program in it that this machine has: it is asked for.
fn runnable(unit: &Path) -> Result<PathBuf, Failure> {
    let folder = Path::new("target/units");
    fs::create_dir_all(folder)?;
    let text = fs::read_to_string(unit)?;
    let copy = folder.join(unit.file_name().ok_or("a unit without a name")?);
    fs::write(&copy, text.replace("ExecStart=donation-portal", "ExecStart=true"))?;
    Ok(copy)
}

fn files(folder: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut files = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, Failure>>()?;
    files.sort();
    Ok(files)
}
