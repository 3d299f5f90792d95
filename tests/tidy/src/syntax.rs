//! The parts of Rust's grammar that several rules look at.

use std::ops::RangeInclusive;

use syn::spanned::Spanned as _;

/// A module's path from the crate's root, or a name's from its module.
pub(crate) type Path = Vec<String>;

/// Returns the lines of those items that are compiled for tests only.
pub(crate) fn inline_tests(items: &[syn::Item]) -> Vec<RangeInclusive<usize>> {
    let tests = items.iter().filter(|item| is_test(attributes(item)));
    tests
        .map(|item| {
            let span = item.span();
            span.start().line..=span.end().line
        })
        .collect()
}

/// Returns the folder in which a file's modules stand.
pub(crate) fn children(path: &str) -> String {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if matches!(name, "lib" | "main" | "mod") { folder.to_owned() } else { path.to_owned() }
}

/// Says whether something is compiled for tests only.
pub(crate) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

/// Returns the attributes of those items that can be left out of a build.
pub(crate) fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(it) => &it.attrs,
        syn::Item::Enum(it) => &it.attrs,
        syn::Item::Fn(it) => &it.attrs,
        syn::Item::Impl(it) => &it.attrs,
        syn::Item::Macro(it) => &it.attrs,
        syn::Item::Mod(it) => &it.attrs,
        syn::Item::Static(it) => &it.attrs,
        syn::Item::Struct(it) => &it.attrs,
        syn::Item::Trait(it) => &it.attrs,
        syn::Item::Type(it) => &it.attrs,
        syn::Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

/// Returns the name that an item gives to its module.
pub(crate) fn defined(item: &syn::Item) -> Option<String> {
    let ident = match item {
        syn::Item::Const(it) => &it.ident,
        syn::Item::Enum(it) => &it.ident,
        syn::Item::Fn(it) => &it.sig.ident,
        syn::Item::Macro(it) => it.ident.as_ref()?,
        syn::Item::Static(it) => &it.ident,
        syn::Item::Struct(it) => &it.ident,
        syn::Item::Trait(it) => &it.ident,
        syn::Item::Type(it) => &it.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Returns the names that a `use` brings in, each with its path; `*` stands for all.
pub(crate) fn leaves(tree: &syn::UseTree) -> Vec<(String, Path)> {
    let below = |segment: String, tree: &syn::UseTree| {
        let leaves = leaves(tree).into_iter();
        leaves
            .map(|(name, path)| match name.as_str() {
                "self" => (segment.clone(), vec![segment.clone()]),
                _ => (name, [vec![segment.clone()], path].concat()),
            })
            .collect()
    };
    match tree {
        syn::UseTree::Path(it) => below(it.ident.to_string(), &it.tree),
        syn::UseTree::Name(it) => vec![(it.ident.to_string(), vec![it.ident.to_string()])],
        syn::UseTree::Rename(it) => vec![(it.rename.to_string(), vec![it.ident.to_string()])],
        syn::UseTree::Glob(_) => vec![("*".to_owned(), Path::new())],
        syn::UseTree::Group(it) => it.items.iter().flat_map(leaves).collect(),
    }
}
