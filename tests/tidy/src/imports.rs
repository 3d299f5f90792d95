//! Circles of imports: files of one crate that each need another, all around.
//!
//! An import counts from the file that uses a name to the file that defines it; re-exports on the
//! way are followed, so a child that takes a sibling by way of its parent needs the sibling. A parent
//! is made of the modules below it, so that it uses these is no import; that one of these uses the
//! parent is one. A circle therefore always leads through two modules that stand beside each other.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::file::File;
use crate::modules::Modules;
use crate::syntax::{Path, attributes, children, is_test, leaves};

/// For each file those that it needs.
type Graph<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Returns each circle as the paths of its files, in their order.
pub(crate) fn circles(files: &[File]) -> BTreeSet<Vec<String>> {
    let mut graph = Graph::new();
    let roots = files.iter().map(|file| file.path.as_str());
    for root in roots.filter(|it| it.ends_with("/src/lib.rs") || it.ends_with("/src/main.rs")) {
        let modules = Modules::read(files, root);
        for (path, module) in modules.all() {
            let needed = needed(&modules, path, module.items);
            let others = needed.into_iter().filter(|file| !is_below(file, module.file));
            graph.entry(module.file).or_default().extend(others);
        }
    }
    let reached: Graph<'_> = graph.keys().map(|&file| (file, reached(&graph, file))).collect();
    let together = |one, other| reached[one].contains(other) && reached[other].contains(one);
    reached
        .keys()
        .map(|&file| {
            let circle = reached.keys().filter(|&&other| other == file || together(file, other));
            circle.map(|&it| it.to_owned()).collect::<Vec<_>>()
        })
        .filter(|circle| circle.len() > 1)
        .collect()
}

fn is_below(file: &str, parent: &str) -> bool {
    file.strip_prefix(&children(parent)).is_some_and(|rest| rest.starts_with('/'))
}

fn reached<'a>(graph: &Graph<'a>, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(file) = next.pop() {
        let needed = graph.get(file).into_iter().flatten();
        next.extend(needed.filter(|&&needed| reached.insert(needed)));
    }
    reached
}

fn needed<'a>(modules: &Modules<'a>, module: &Path, items: &[syn::Item]) -> BTreeSet<&'a str> {
    let mut paths = Paths::default();
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        paths.visit_item(item);
    }
    paths.0.iter().filter_map(|path| modules.file_of(module, path)).collect()
}

/// Collects the paths that a module uses; modules within it are looked at by themselves.
#[derive(Default)]
struct Paths(BTreeSet<Path>);

impl<'a> Visit<'a> for Paths {
    fn visit_item_mod(&mut self, _: &'a syn::ItemMod) {}

    /// `pub(super)` names a module and needs nothing of it.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if matches!(item.vis, syn::Visibility::Inherited) {
            self.0.extend(leaves(&item.tree).into_iter().map(|(_, path)| path));
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.0.insert(path.segments.iter().map(|it| it.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, it: &'a syn::Macro) {
        self.visit_path(&it.path);
        self.tokens(it.tokens.clone());
    }
}

impl Paths {
    /// Finds `crate::…` and `super::…` in what a macro is given, which is no syntax yet.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Path::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(it) if it.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(it) if colons == 2 => {
                    path.push(it.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Ident(it) if it == "crate" || it == "super" => {
                    self.0.extend([std::mem::take(&mut path)]);
                    path.push(it.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            self.0.extend([std::mem::take(&mut path)]);
            colons = 0;
        }
        self.0.extend([path]);
    }
}

#[cfg(test)]
mod tests {
    use super::{File, circles};

    fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let files: Vec<File> = files
            .iter()
            .map(|(path, text)| File::new(path, "one", true, (*text).to_owned()))
            .collect();
        circles(&files).into_iter().collect()
    }

    #[test]
    fn siblings_that_need_each_other_by_way_of_their_parent_are_a_circle() {
        let circles = circles_of(&[
            ("crates/one/src/lib.rs", "mod a; mod b; pub use a::A; pub(crate) use b::B;"),
            ("crates/one/src/a.rs", "use crate::B; pub struct A(B);"),
            ("crates/one/src/b.rs", "pub struct B; fn b() { assert!(super::A::new()); }"),
        ]);
        assert_eq!(circles, [["crates/one/src/a.rs", "crates/one/src/b.rs"]]);
    }

    #[test]
    fn a_circle_may_lead_through_the_children_of_another_module() {
        let circles = circles_of(&[
            ("crates/one/src/main.rs", "mod a; mod b;"),
            ("crates/one/src/a.rs", "mod c; use crate::b::*;"),
            ("crates/one/src/a/c.rs", "pub struct C; fn c() { super::a() }"),
            ("crates/one/src/b.rs", "use crate::a::c::C; pub struct B;"),
        ]);
        let all = ["crates/one/src/a.rs", "crates/one/src/a/c.rs", "crates/one/src/b.rs"];
        assert_eq!(circles, [all]);
    }

    #[test]
    fn a_parent_may_use_its_children_and_a_test_whatever_it_likes() {
        let circles = circles_of(&[
            ("crates/one/src/lib.rs", "mod a; mod b; use a::A; pub struct Root(A);"),
            ("crates/one/src/a.rs", "use super::Root; #[cfg(test)] mod tests { use crate::b::B; }"),
            ("crates/one/src/b.rs", "use crate::a::A; pub struct B;"),
        ]);
        assert!(circles.is_empty(), "{circles:?}");
    }
}
