//! The documents that speak of the source: decisions, and the project's words.

use std::fs;
use std::path::Path;

use crate::tree::Tree;

/// One record of `docs/decisions`.
pub struct Decision {
    /// The file's name.
    pub file: String,
    /// The text after `Status:`.
    pub status: Option<String>,
    /// The text after `Date:`.
    pub date: Option<String>,
}

/// Returns the records of decisions in the order of their numbers.
pub(crate) fn decisions(root: &Path) -> Vec<Decision> {
    let folder = root.join("docs/decisions");
    let entries = fs::read_dir(&folder).expect("there are decisions").flatten();
    let mut decisions: Vec<Decision> = entries
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a decision is text");
            let after = |word| text.lines().find_map(|line| line.strip_prefix(word));
            let trimmed = |text: &str| text.trim().to_owned();
            Decision {
                file: entry.file_name().to_string_lossy().into_owned(),
                status: after("Status:").map(trimmed),
                date: after("Date:").map(trimmed),
            }
        })
        .collect();
    decisions.sort_by(|one, other| one.file.cmp(&other.file));
    decisions
}

/// The terms that an engineer searches for first, when something like this service is in trouble.
const SEARCHED: [&str; 6] =
    ["backoff", "dead letter", "scheduler", "notifier", "retention", "upsert"];

/// A word, and how often it is met.
pub struct Word {
    /// The word.
    pub word: String,
    /// The number of shipped files that have it, in any spelling.
    pub files: usize,
}

/// Returns the words that are emphasised in ARCHITECTURE's section "Words".
pub(crate) fn words(tree: &Tree) -> Vec<Word> {
    let architecture = fs::read_to_string(tree.root.join("ARCHITECTURE.md")).unwrap_or_default();
    let section = architecture.split("\n## ").find(|section| section.starts_with("Words"));
    count(tree, section.unwrap_or_default().split('*').skip(1).step_by(2), spelled_out)
}

/// Returns the field's terms that are searched for first; `upserts` is found by `upsert`.
pub(crate) fn searched(tree: &Tree) -> Vec<Word> {
    count(tree, SEARCHED.into_iter(), |word| spelled_out(word).trim_end().to_owned())
}

fn count<'a>(
    tree: &Tree,
    words: impl Iterator<Item = &'a str>,
    spelled: impl Fn(&str) -> String,
) -> Vec<Word> {
    let shipped = tree.files.iter().filter(|file| tree.shipped.contains(&file.package));
    let texts: Vec<String> = shipped.map(|file| spelled_out(&file.text)).collect();
    words
        .map(|word| {
            let spelled = spelled(word);
            let files = texts.iter().filter(|text| text.contains(&spelled)).count();
            Word { word: word.to_owned(), files }
        })
        .collect()
}

/// Makes `dead letter`, `dead_letter` and `DeadLetter` one, with a space at each end of a word.
fn spelled_out(text: &str) -> String {
    let mut spelled = " ".to_owned();
    for letter in text.chars() {
        let space = !letter.is_alphanumeric() || letter.is_uppercase();
        if space && !spelled.ends_with(' ') {
            spelled.push(' ');
        }
        if letter.is_alphanumeric() {
            spelled.push(letter.to_ascii_lowercase());
        }
    }
    spelled + " "
}

#[cfg(test)]
mod tests {
    use super::spelled_out;

    #[test]
    fn a_word_is_found_in_any_spelling_and_only_whole() {
        for spelling in ["a dead letter.", "`DeadLetter`", "dead_letter()"] {
            assert!(spelled_out(spelling).contains(&spelled_out("dead letter")), "{spelling}");
        }
        assert!(!spelled_out("anything").contains(&spelled_out("thin")));
    }
}
