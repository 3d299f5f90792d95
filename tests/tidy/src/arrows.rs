//! The dependencies among our own crates, as cargo knows them and as ARCHITECTURE draws them.

use std::collections::BTreeSet;

use serde_json::Value;

/// The two programs that are put in place; whatever they depend on ships with them.
const PROGRAMS: [&str; 2] = ["donation-portal", "portal-worker"];

/// Stands between a crate and those that it depends on, in the diagram.
const ARROW: &str = "──►";

/// Stands above the crates that are for tests and tasks only.
const UNSHIPPED: &str = "These ship nowhere:";

/// One crate of ours depends on another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// The crate that depends.
    pub from: String,
    /// The crate that it depends on.
    pub to: String,
    /// It does so in its tests only.
    pub dev: bool,
}

/// Returns the dependencies among the packages in an answer of `cargo metadata`.
pub(crate) fn arrows(metadata: &Value) -> BTreeSet<Arrow> {
    let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
    let mut arrows = BTreeSet::new();
    for package in list(metadata, "packages") {
        for dependency in list(&package, "dependencies") {
            let ours = dependency["path"].is_string();
            let names = text(&package, "name").zip(text(&dependency, "name"));
            if let Some((from, to)) = names.filter(|_| ours) {
                arrows.insert(Arrow { from, to, dev: dependency["kind"] == "dev" });
            }
        }
    }
    arrows
}

/// Returns the programs and all packages of ours that they are built from.
pub(crate) fn shipped(metadata: &Value) -> BTreeSet<String> {
    let arrows = arrows(metadata);
    let mut shipped: BTreeSet<String> = PROGRAMS.iter().map(|&name| name.to_owned()).collect();
    loop {
        let more: Vec<String> = arrows
            .iter()
            .filter(|arrow| !arrow.dev && shipped.contains(&arrow.from))
            .map(|arrow| arrow.to.clone())
            .filter(|to| !shipped.contains(to))
            .collect();
        if more.is_empty() {
            return shipped;
        }
        shipped.extend(more);
    }
}

/// Returns the names of all packages.
pub(crate) fn packages(metadata: &Value) -> BTreeSet<String> {
    let packages = list(metadata, "packages");
    packages.iter().filter_map(|it| it["name"].as_str()).map(str::to_owned).collect()
}

fn list(value: &Value, key: &str) -> Vec<Value> {
    value[key].as_array().cloned().unwrap_or_default()
}

/// Returns the arrows that a document draws, in lines of the form `crate ──► crate, crate`, with a
/// remark in brackets where there is one.
pub fn diagram(document: &str) -> BTreeSet<Arrow> {
    let lines = document.lines().filter_map(|line| line.split_once(ARROW));
    lines
        .flat_map(|(from, to)| {
            let to = to.split('(').next().unwrap_or(to);
            to.split(',').map(|to| Arrow {
                from: from.trim().to_owned(),
                to: to.trim().to_owned(),
                dev: false,
            })
        })
        .collect()
}

/// Returns the crates that a document's diagram has below the line on those that ship nowhere.
pub fn drawn_as_unshipped(document: &str) -> BTreeSet<String> {
    let below = document.lines().skip_while(|line| *line != UNSHIPPED).skip(1);
    let lines = below.take_while(|line| !line.starts_with("```"));
    lines
        .filter_map(|line| line.split(ARROW).next()?.split('(').next())
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_owned())
        .collect()
}
