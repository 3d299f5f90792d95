//! The project's rules about its own source and documents.
//!
//! For a rule that the source does not keep yet, the test has a list or a number of what is known.
//! It only shrinks: what is new is refused, and so is an entry that is no longer needed. The example
//! `figures` of this package prints all of them.

mod arrows;
mod comments;
mod copies;
mod documents;
mod imports;
mod names;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use tidy::Figures;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The checkout, read once for all tests.
static FIGURES: LazyLock<Figures> = LazyLock::new(|| Figures::of(Path::new(ROOT)));

/// Refuses what is not known, and what is known and no longer there.
#[track_caller]
fn only_known(found: impl IntoIterator<Item = String>, known: &[&str], advice: &str) {
    let found: BTreeSet<String> = found.into_iter().collect();
    let known: BTreeSet<String> = known.iter().map(|&it| it.to_owned()).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    let gone: Vec<&String> = known.difference(&found).collect();
    assert!(new.is_empty(), "{advice}: {new:#?}");
    assert!(gone.is_empty(), "no longer so, take it from the list: {gone:#?}");
}

/// Refuses more than `most`, and asks to lower it where `found` has become less by `slack`.
#[track_caller]
fn at_most(found: usize, most: usize, slack: usize, advice: &str) {
    assert!(found <= most, "{found}, and at most {most} are allowed; {advice}");
    assert!(found + slack > most, "there are only {found} left: lower the {most} that are allowed");
}
