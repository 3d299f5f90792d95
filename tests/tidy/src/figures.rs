//! All that is measured of a checkout, by one reading.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::arrows::{Arrow, arrows, packages};
use crate::comments::{Comments, comments};
use crate::copies::{Copy, copies};
use crate::documents::{Decision, Word, decisions, searched, words};
use crate::file::Kind;
use crate::imports::circles;
use crate::names::{TypeName, possessive_tests, type_names};
use crate::operations::places;
use crate::tree::Tree;

/// The figures of one checkout.
pub struct Figures {
    /// The number of lines of each kind, by package.
    pub lines: BTreeMap<(Kind, String), usize>,
    /// The dependencies among the packages.
    pub arrows: BTreeSet<Arrow>,
    /// The packages that ship.
    pub shipped: BTreeSet<String>,
    /// The packages that do not: tests and tasks.
    pub unshipped: BTreeSet<String>,
    /// The types that ship.
    pub types: Vec<TypeName>,
    /// The doc comments of each package.
    pub comments: BTreeMap<String, Comments>,
    /// The circles of imports, each as the paths of its files.
    pub circles: BTreeSet<Vec<String>>,
    /// The copied pieces in lines of each kind.
    pub copies: BTreeMap<Kind, Vec<Copy>>,
    /// The files that define a function of a store operation's name.
    pub operations: BTreeMap<String, BTreeSet<String>>,
    /// The tests whose names have a possessive.
    pub possessive_tests: Vec<String>,
    /// The records of decisions.
    pub decisions: Vec<Decision>,
    /// The words that ARCHITECTURE explains.
    pub words: Vec<Word>,
    /// The field's terms that are searched for first.
    pub searched: Vec<Word>,
}

impl Figures {
    /// Measures the checkout at `root`.
    ///
    /// # Panics
    ///
    /// Panics where git, cargo or the Rust grammar do not understand what is there.
    pub fn of(root: &Path) -> Self {
        let tree = Tree::read(root);
        let kinds = [Kind::Shipped, Kind::Test, Kind::Tool];
        Self {
            lines: tree.lines(),
            arrows: arrows(&tree.metadata),
            types: type_names(&tree),
            comments: comments(&tree.files),
            circles: circles(&tree.files),
            copies: kinds.into_iter().map(|kind| (kind, copies(&tree.files, kind))).collect(),
            operations: places(&tree),
            possessive_tests: possessive_tests(&tree),
            decisions: decisions(root),
            words: words(&tree),
            searched: searched(&tree),
            unshipped: &packages(&tree.metadata) - &tree.shipped,
            shipped: tree.shipped,
        }
    }

    /// Returns the names that are defined more than once, each with the files that do.
    pub fn doubled(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for it in &self.types {
            files.entry(&it.name).or_default().push(&it.file);
        }
        files.retain(|_, files| files.len() > 1);
        files
    }

    /// Returns the doc comments of all packages together.
    pub fn all_comments(&self) -> Comments {
        self.comments.values().fold(Comments::default(), |sum, it| sum.and(*it))
    }
}
