//! Pieces of source that stand in two places.

use std::collections::{BTreeMap, BTreeSet};

use crate::file::{File, Kind};

/// A piece counts from this many lines on; fewer are often the same by chance.
const LINES: usize = 6;

/// A piece that stands in two places.
pub struct Copy {
    /// The file and line where it begins first.
    pub one: (String, usize),
    /// The file and line where it begins again.
    pub other: (String, usize),
}

/// Returns the pairs of places with six or more equal lines in a row, among lines of one kind.
///
/// Equal means: without indentation, blank lines, comments and imports. A longer piece is one pair,
/// and one that stands in three places is two.
pub(crate) fn copies(files: &[File], kind: Kind) -> Vec<Copy> {
    let files: Vec<(&File, Vec<(usize, &str)>)> = files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .map(|file| (file, normalised(file, kind)))
        .collect();
    let mut seen: BTreeMap<Vec<&str>, (usize, usize)> = BTreeMap::new();
    let mut copied: BTreeSet<((usize, usize), (usize, usize))> = BTreeSet::new();
    for (file, (_, lines)) in files.iter().enumerate() {
        for (at, window) in lines.windows(LINES).enumerate() {
            let window: Vec<&str> = window.iter().map(|(_, text)| *text).collect();
            if window.iter().all(|it| it.starts_with('}')) {
                // The end of nested blocks says nothing.
                continue;
            }
            if let Some(first) = seen.get(&window) {
                copied.insert((*first, (file, at)));
            } else {
                seen.insert(window, (file, at));
            }
        }
    }
    let place = |(file, at): (usize, usize)| {
        let (file, lines) = &files[file];
        (file.path.clone(), lines[at].0)
    };
    let before = |(file, at): (usize, usize)| Some((file, at.checked_sub(1)?));
    copied
        .iter()
        .filter(|(one, other)| {
            // The second and later windows of a longer piece are not pieces of their own.
            !before(*one).zip(before(*other)).is_some_and(|pair| copied.contains(&pair))
        })
        .map(|(one, other)| Copy { one: place(*one), other: place(*other) })
        .collect()
}

fn normalised(file: &File, kind: Kind) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut importing = false;
    for (at, line) in file.text.lines().enumerate() {
        let line = line.trim();
        importing |= line.starts_with("use ") || line.starts_with("pub use ");
        let says = !line.is_empty() && !line.starts_with("//");
        if says && !importing && file.kind_of(at + 1) == kind {
            lines.push((at + 1, line));
        }
        importing &= !line.ends_with(';');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{File, Kind, copies};

    #[test]
    fn a_long_piece_in_three_places_is_two_pairs() {
        let piece: String = ('a'..='h').map(|name| format!("    fn {name}() {{}}\n\n")).collect();
        let text = format!("struct A;\n{piece}struct B;\n{piece}struct C;\n{piece}");
        let files = [File::new("crates/one/src/lib.rs", "one", true, text)];
        let pairs: Vec<(usize, usize)> =
            copies(&files, Kind::Shipped).iter().map(|it| (it.one.1, it.other.1)).collect();
        assert_eq!(pairs, [(2, 19), (2, 36)]);
        assert!(copies(&files, Kind::Test).is_empty());
    }

    #[test]
    fn imports_comments_and_five_lines_are_no_copy() {
        let text =
            "use a::{\n    b,\n    c,\n};\n// Why.\nfn a() {\n    a();\n    b();\n    c();\n}\n";
        let files = ["a", "b"].map(|name| {
            File::new(&format!("crates/one/src/{name}.rs"), "one", true, text.to_owned())
        });
        assert!(copies(&files, Kind::Shipped).is_empty());
    }
}
