//! The parts of Rust's grammar that several rules look at.

use std::ops::RangeInclusive;

use syn::spanned::Spanned as _;

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
