//! One file of source, and the kind of its lines.

use std::ops::RangeInclusive;

use crate::syntax::inline_tests;

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
    pub(crate) kind: Kind,
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
    pub(crate) fn kind_of(&self, line: usize) -> Kind {
        if self.inline_tests.iter().any(|range| range.contains(&line)) {
            return Kind::Test;
        }
        self.kind
    }
}

/// Returns the folder below the root in which a file stands.
pub(crate) fn first(path: &str) -> &str {
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

#[expect(clippy::panic, reason = "a checkout that cannot be read cannot be measured")]
pub(crate) fn panic_at(place: &str, problem: &str) -> ! {
    panic!("{place}: {problem}")
}
