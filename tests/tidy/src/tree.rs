//! The files of a checkout: the crate that each belongs to, and whether it ships.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::syntax::{children, inline_tests, is_test};

/// The two programs that are put in place; whatever they depend on ships with them.
const PROGRAMS: [&str; 2] = ["donation-portal", "portal-worker"];

/// The endings of files whose lines count as source.
const SOURCE: [&str; 6] = ["rs", "sql", "js", "mjs", "py", "sh"];

/// A line's part in the project.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Is part of what is put in place.
    Shipped,
    /// Tests it, also where it stands in the same file.
    Test,
    /// Builds, measures or harms it.
    Tool,
}

/// One file of source.
pub(crate) struct File {
    /// The path from the checkout's root.
    pub(crate) path: String,
    /// The name of its package, or of its folder where it has none.
    pub(crate) package: String,
    /// The whole text.
    pub(crate) text: String,
    /// The syntax, of a Rust file.
    pub(crate) syntax: Option<syn::File>,
    kind: Kind,
    inline_tests: Vec<RangeInclusive<usize>>,
}

impl File {
    /// Reads a file's text; `ships` says whether its package does.
    pub(crate) fn new(path: &str, package: &str, ships: bool, text: String) -> Self {
        let syntax = path.ends_with(".rs").then(|| {
            syn::parse_file(&text).unwrap_or_else(|error| panic_at(path, &error.to_string()))
        });
        let inline_tests = syntax.as_ref().map(|it| inline_tests(&it.items)).unwrap_or_default();
        let (path, package) = (path.to_owned(), package.to_owned());
        let kind = kind(&path, ships);
        Self { path, package, text, syntax, kind, inline_tests }
    }

    /// Returns the kind of a line, which is counted from 1.
    pub(crate) fn kind(&self, line: usize) -> Kind {
        if self.inline_tests.iter().any(|range| range.contains(&line)) {
            return Kind::Test;
        }
        self.kind
    }
}

/// A checkout's source and what cargo knows of its packages.
pub(crate) struct Tree {
    /// The checkout's root.
    pub(crate) root: PathBuf,
    /// The files, in the order of their paths.
    pub(crate) files: Vec<File>,
    /// The packages that the two programs consist of.
    pub(crate) shipped: BTreeSet<String>,
    /// The answer of `cargo metadata`.
    pub(crate) metadata: Value,
}

impl Tree {
    /// Reads the checkout at `root`.
    pub(crate) fn read(root: &Path) -> Self {
        let metadata = output(root, "cargo", &["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: Value = serde_json::from_str(&metadata).expect("cargo writes JSON");
        let shipped = shipped(&metadata);
        let listed = output(root, "git", &["ls-files", "-co", "--exclude-standard"]);
        let paths: BTreeSet<&str> = listed.lines().collect();
        let packages = packages(root, &paths);
        let mut files: Vec<File> = paths
            .iter()
            .filter(|path| SOURCE.iter().any(|ending| path.ends_with(&format!(".{ending}"))))
            .filter_map(|path| read(root, path, &packages, &shipped))
            .collect();
        mark_test_modules(&mut files);
        Self { root: root.to_owned(), files, shipped, metadata }
    }

    /// Returns how many lines each package has of each kind.
    pub(crate) fn lines(&self) -> BTreeMap<(Kind, String), usize> {
        let mut lines = BTreeMap::new();
        for file in &self.files {
            for line in 1..=file.text.lines().count() {
                *lines.entry((file.kind(line), file.package.clone())).or_insert(0) += 1;
            }
        }
        lines
    }
}

fn output(root: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap_or_else(|error| panic_at(program, &error.to_string()));
    if !output.status.success() {
        panic_at(program, &String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).expect("names are UTF-8")
}

#[expect(clippy::panic, reason = "a checkout that cannot be read cannot be measured")]
pub(crate) fn panic_at(place: &str, problem: &str) -> ! {
    panic!("{place}: {problem}")
}

/// Returns the name of each folder's package.
fn packages(root: &Path, paths: &BTreeSet<&str>) -> BTreeMap<String, String> {
    let mut packages = BTreeMap::new();
    for path in paths {
        let Some(folder) = path.strip_suffix("/Cargo.toml") else { continue };
        let manifest = fs::read_to_string(root.join(path)).unwrap_or_default();
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
        if let Some(name) = name {
            packages.insert(folder.to_owned(), name.trim_matches('"').to_owned());
        }
    }
    packages
}

/// Returns the programs and all packages of ours that they are built from.
fn shipped(metadata: &Value) -> BTreeSet<String> {
    let arrows = crate::arrows::arrows(metadata);
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

fn read(
    root: &Path,
    path: &str,
    packages: &BTreeMap<String, String>,
    shipped: &BTreeSet<String>,
) -> Option<File> {
    // A file that was deleted and not yet committed is still listed.
    let text = fs::read_to_string(root.join(path)).ok()?;
    let folder = Path::new(path).ancestors().skip(1).find_map(|it| packages.get(it.to_str()?));
    let package = folder.map_or_else(|| first(path), String::as_str);
    Some(File::new(path, package, shipped.contains(package), text))
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn kind(path: &str, ships: bool) -> Kind {
    match first(path) {
        "deploy" => Kind::Shipped,
        "crates" if ships && !path.contains("/tests/") => Kind::Shipped,
        "crates" | "tests" | "fuzz" => Kind::Test,
        _ => Kind::Tool,
    }
}

/// Marks the files of `#[cfg(test)] mod tests;`, which stand beside or below the declaring one.
fn mark_test_modules(files: &mut [File]) {
    let mut marked = BTreeSet::new();
    for file in files.iter() {
        let Some(syntax) = &file.syntax else { continue };
        for item in &syntax.items {
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
                && is_test(&module.attrs)
            {
                let folder = children(&file.path);
                marked.insert(format!("{folder}/{}.rs", module.ident));
                marked.insert(format!("{folder}/{}/mod.rs", module.ident));
            }
        }
    }
    for file in files.iter_mut().filter(|file| marked.contains(&file.path)) {
        file.kind = Kind::Test;
    }
}
