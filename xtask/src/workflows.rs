//! The files below `.github`: GitHub can read them, and no stranger can use the workflows.

use std::fs;
use std::path::Path;

use crate::checkers::{check_schema, checker, install};
use crate::run::{Failure, run};

/// Checks each file against GitHub's schema, and the workflows for what an attacker could use.
pub fn check() -> Result<(), Failure> {
    install()?;
    for folder in [".github/workflows", ".github/ISSUE_TEMPLATE"] {
        for entry in fs::read_dir(folder)? {
            let file = entry?.path();
            check_schema(schema(&file), &file)?;
        }
    }
    // Without `--offline` it asks GitHub about the actions, which needs a token.
    let arguments = ["--offline", "--no-progress", "--pedantic", "--strict-collection", ".github"];
    run(&mut checker("zizmor", &arguments))
}

/// Returns the name of the schema.
fn schema(file: &Path) -> &'static str {
    if file.starts_with(".github/workflows") {
        "vendor.github-workflows"
    } else if file.ends_with("config.yml") {
        "vendor.github-issue-config"
    } else {
        "vendor.github-issue-forms"
    }
}
