//! The modules of one crate, and what a name in one of them stands for.

use std::collections::BTreeMap;

use crate::file::File;
use crate::syntax::{Path, attributes, children, defined, is_test, leaves};

/// Names are looked up through this many imports at most: more would be a circle of re-exports.
const DEPTH_MAX: usize = 16;

/// All modules of one crate root, tests apart.
#[derive(Default)]
pub(crate) struct Modules<'a>(BTreeMap<Path, Module<'a>>);

/// One module: its file, its items, and the names that it brings in.
pub(crate) struct Module<'a> {
    pub(crate) file: &'a str,
    pub(crate) items: &'a [syn::Item],
    names: BTreeMap<String, Name>,
    globs: Vec<Path>,
}

/// A name of a module.
enum Name {
    /// Something that is defined there.
    Defined,
    /// Something that is brought in by `use`, from this path.
    Imported(Path),
}

impl<'a> Modules<'a> {
    /// Reads the modules below `root`, which is a `lib.rs` or `main.rs`.
    pub(crate) fn read(files: &'a [File], root: &'a str) -> Self {
        let mut modules = Self::default();
        let file = files.iter().find(|file| file.path == root);
        if let Some((file, syntax)) = file.and_then(|it| Some((it, it.syntax.as_ref()?))) {
            modules.add(files, &[], &file.path, &children(root), &syntax.items);
        }
        modules
    }

    fn add(
        &mut self,
        files: &'a [File],
        path: &[String],
        file: &'a str,
        folder: &str,
        items: &'a [syn::Item],
    ) {
        let mut module = Module { file, items, names: BTreeMap::new(), globs: Vec::new() };
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            if let syn::Item::Use(it) = item {
                for (name, path) in leaves(&it.tree) {
                    match name.as_str() {
                        "*" => module.globs.push(path),
                        _ => drop(module.names.insert(name, Name::Imported(path))),
                    }
                }
            } else if let Some(name) = defined(item) {
                module.names.insert(name, Name::Defined);
            }
        }
        self.0.insert(path.to_vec(), module);
        for item in items {
            let syn::Item::Mod(it) = item else { continue };
            if is_test(&it.attrs) {
                continue;
            }
            let below = join(path, &it.ident.to_string());
            let folder = format!("{folder}/{}", it.ident);
            if let Some((_, items)) = &it.content {
                self.add(files, &below, file, &folder, items);
                continue;
            }
            let places = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
            let file = files.iter().find(|file| places.contains(&file.path));
            if let Some((file, syntax)) = file.and_then(|it| Some((it, it.syntax.as_ref()?))) {
                self.add(files, &below, &file.path, &children(&file.path), &syntax.items);
            }
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&Path, &Module<'a>)> {
        self.0.iter()
    }

    /// Returns the file that defines what `path` names in the module `from`, where it is this
    /// crate's: imports and re-exports on the way are followed.
    pub(crate) fn file_of(&self, from: &[String], path: &[String]) -> Option<&'a str> {
        // A path that is not found itself was made by a macro, and its module is found.
        let mut shorter = (1..=path.len()).rev().map(|length| path.get(..length));
        shorter.find_map(|path| self.look_up(from, path?, 0))
    }

    fn look_up(&self, from: &[String], path: &[String], depth: usize) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        if depth > DEPTH_MAX {
            return None;
        }
        match first.as_str() {
            "crate" => self.within(&[], rest, depth),
            "self" => self.within(from, rest, depth),
            "super" => self.look_up_above(from, rest, depth),
            _ if self.knows(from, first) => self.within(from, path, depth),
            _ => None,
        }
    }

    fn look_up_above(&self, from: &[String], rest: &[String], depth: usize) -> Option<&'a str> {
        let (_, above) = from.split_last()?;
        match rest.first().map(String::as_str) {
            Some("super") => self.look_up(above, rest, depth),
            _ => self.within(above, rest, depth),
        }
    }

    fn knows(&self, from: &[String], name: &str) -> bool {
        let below = join(from, name);
        self.0.contains_key(&below)
            || self.0.get(from).is_some_and(|it| it.names.contains_key(name))
    }

    fn within(&self, at: &[String], path: &[String], depth: usize) -> Option<&'a str> {
        let module = self.0.get(at)?;
        let Some((first, rest)) = path.split_first() else { return Some(module.file) };
        let below = join(at, first);
        if self.0.contains_key(&below) {
            return self.within(&below, rest, depth);
        }
        match module.names.get(first) {
            Some(Name::Imported(from)) => {
                self.look_up(at, &[from.clone(), rest.to_vec()].concat(), depth + 1)
            }
            Some(Name::Defined) => Some(module.file),
            None => {
                let mut globs = module.globs.iter();
                globs.find_map(|glob| {
                    let named = [glob.clone(), path.to_vec()].concat();
                    self.look_up(at, &named, depth + 1)
                })
            }
        }
    }
}

fn join(path: &[String], name: &str) -> Path {
    path.iter().cloned().chain([name.to_owned()]).collect()
}
