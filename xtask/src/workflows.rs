//! The files below `.github`: GitHub can read them, and no stranger can use the workflows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::packages::Packages;
use crate::run::{Failure, command, run};

/// The checkers, at the versions of `xtask/workflows`.
const CHECKERS: Packages = Packages { from: "xtask/workflows", to: "target/workflows" };

/// Checks each file against GitHub's schema, and the workflows for what an attacker could use.
pub fn check() -> Result<(), Failure> {
    install()?;
    for folder in [".github/workflows", ".github/ISSUE_TEMPLATE"] {
        for entry in fs::read_dir(folder)? {
            let file = entry?.path();
            let schema = ["--builtin-schema", schema(&file)];
            run(command(program("check-jsonschema"), &schema).arg(&file))?;
        }
    }
    // Without `--offline` it asks GitHub about the actions, which needs a token.
    let arguments = ["--offline", "--no-progress", "--pedantic", "--strict-collection", ".github"];
    run(&mut command(program("zizmor"), &arguments))
}

/// Returns the name of the schema, which the checker brings along.
fn schema(file: &Path) -> &'static str {
    if file.starts_with(".github/workflows") {
        "vendor.github-workflows"
    } else if file.ends_with("config.yml") {
        "vendor.github-issue-config"
    } else {
        "vendor.github-issue-forms"
    }
}

fn install() -> Result<(), Failure> {
    let installed = CHECKERS.install("PyPI", "requirements.txt", || {
        run(&mut command("python3", &["-m", "venv", "target/workflows/venv"]))?;
        let requirements =
            ["install", "--quiet", "--requirement", "xtask/workflows/requirements.txt"];
        run(&mut command(program("pip"), &requirements))
    });
    Ok(installed?)
}

fn program(name: &str) -> PathBuf {
    CHECKERS.path("venv/bin").join(name)
}
