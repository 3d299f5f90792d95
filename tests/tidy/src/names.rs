//! The names of types in what ships, and of tests.

use syn::visit::{self, Visit};

use crate::file::Kind;
use crate::tree::Tree;

/// One definition of a type or trait.
pub struct TypeName {
    /// The name.
    pub name: String,
    /// The path of its file.
    pub file: String,
}

/// Returns the structs, enums, traits and aliases that ship, wherever they are defined.
pub(crate) fn type_names(tree: &Tree) -> Vec<TypeName> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| tree.shipped.contains(&file.package)) {
        let Some(syntax) = &file.syntax else { continue };
        let mut names = Names::default();
        names.visit_file(syntax);
        let ships = |line: &usize| file.kind_of(*line) == Kind::Shipped;
        let names = names.types.into_iter().filter(|(_, line)| ships(line));
        found.extend(names.map(|(name, _)| TypeName { name, file: file.path.clone() }));
    }
    found
}

/// Returns the tests whose names have a possessive, written as `_s_`.
pub(crate) fn possessive_tests(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for syntax in tree.files.iter().filter_map(|file| file.syntax.as_ref()) {
        let mut names = Names::default();
        names.visit_file(syntax);
        found.extend(names.functions.into_iter().filter(|name| name.contains("_s_")));
    }
    found
}

#[derive(Default)]
struct Names {
    types: Vec<(String, usize)>,
    functions: Vec<String>,
}

impl Names {
    fn defined(&mut self, ident: &syn::Ident) {
        self.types.push((ident.to_string(), ident.span().start().line));
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_item(&mut self, item: &'a syn::Item) {
        match item {
            syn::Item::Struct(it) => self.defined(&it.ident),
            syn::Item::Enum(it) => self.defined(&it.ident),
            syn::Item::Trait(it) => self.defined(&it.ident),
            syn::Item::Type(it) => self.defined(&it.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.functions.push(item.sig.ident.to_string());
        visit::visit_item_fn(self, item);
    }
}
