//! Doc comments that are riddles: they begin with a question word and have no subject.

use std::collections::BTreeMap;

use crate::file::File;

/// The beginnings that leave the reader to find the sentence's subject.
const RIDDLES: [&str; 8] = ["What", "How", "Where", "Who", "Whether", "Whose", "Which", "When"];

/// The doc comments of some files.
#[derive(Clone, Copy, Default)]
pub struct Comments {
    /// All of them; lines that follow each other are one.
    pub all: usize,
    /// Those that begin with a question word.
    pub riddles: usize,
}

impl Comments {
    pub(crate) fn and(self, other: Self) -> Self {
        Self { all: self.all + other.all, riddles: self.riddles + other.riddles }
    }

    /// Returns the share of riddles, in tenths of a percent.
    pub fn per_mille(self) -> usize {
        (self.riddles * 1_000).checked_div(self.all).unwrap_or(0)
    }
}

/// Counts the doc comments of each package.
pub(crate) fn comments(files: &[File]) -> BTreeMap<String, Comments> {
    let mut comments = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let counted: &mut Comments = comments.entry(file.package.clone()).or_default();
        *counted = counted.and(in_text(&file.text));
    }
    comments
}

fn in_text(text: &str) -> Comments {
    let mut comments = Comments::default();
    let mut before = None;
    for line in text.lines() {
        let comment = ["///", "//!"].into_iter().find_map(|mark| {
            let text = line.trim_start().strip_prefix(mark)?;
            (!text.starts_with('/')).then_some((mark, text))
        });
        let mark = comment.map(|(mark, _)| mark);
        if let Some((_, text)) = comment.filter(|_| mark != before) {
            comments.all += 1;
            comments.riddles += usize::from(is_riddle(text));
        }
        before = mark;
    }
    comments
}

fn is_riddle(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    RIDDLES.contains(&first.trim_end_matches(|it: char| !it.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::in_text;

    #[test]
    fn the_first_word_of_a_comment_makes_a_riddle() {
        let text = "//! Whole.\n//! What is not first does not count.\n\n/// What it is.\n/// How.\n\
                    struct A;\n/// Who, at last.\nstruct B;\n// Where.\n/// Whatever.\nstruct C;";
        let comments = in_text(text);
        assert_eq!((comments.riddles, comments.all), (2, 4));
    }
}
