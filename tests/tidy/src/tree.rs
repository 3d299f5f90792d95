//! The files of a checkout, each with the package that it belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::arrows::shipped;
use crate::file::{File, Kind, first, panic_at};
use crate::syntax::{children, is_test};

/// The endings of files whose lines count as source.
const SOURCE: [&str; 6] = ["rs", "sql", "js", "mjs", "py", "sh"];

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
                *lines.entry((file.kind_of(line), file.package.clone())).or_insert(0) += 1;
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
