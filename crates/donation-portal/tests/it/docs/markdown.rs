//! Markdown documents, with their code blocks, code spans and tables.

use std::fs;
use std::path::Path;

use crate::support::Result;

/// The repository's root.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

pub(crate) fn read(name: &str) -> Result<String> {
    let text = fs::read_to_string(Path::new(ROOT).join(name));
    text.map_err(|error| format!("{name}: {error}").into())
}

/// Returns every document with its path from the root.
pub(crate) fn documents() -> Result<Vec<(String, String)>> {
    let mut names = Vec::new();
    for folder in ["", "docs/", "docs/decisions/"] {
        for entry in fs::read_dir(Path::new(ROOT).join(folder))? {
            let name = entry?.file_name();
            let name = format!("{folder}{}", name.display());
            if name.ends_with(".md") {
                names.push(name);
            }
        }
    }
    assert!(names.len() > 10, "{names:?}");
    names.into_iter().map(|name| read(&name).map(|text| (name, text))).collect()
}

/// Returns the lines of each fenced block, without comments, and with continued lines joined.
pub(crate) fn blocks(text: &str) -> Vec<Vec<String>> {
    let fenced = text.split("\n```").skip(1).step_by(2);
    let lines = |block: &str| {
        let joined = block.replace("\\\n", " ");
        joined.lines().skip(1).map(without_remark).filter(|it| !it.is_empty()).collect()
    };
    fenced.map(lines).collect()
}

fn without_remark(line: &str) -> String {
    let line = if line.starts_with("# ") { "" } else { line };
    line.split(" # ").next().unwrap_or_default().trim_end().to_owned()
}

/// Returns the lines of all fenced blocks as a shell reads them.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let lines = blocks(text).into_iter().flatten();
    lines.map(|line| line.strip_prefix("$ ").unwrap_or(&line).to_owned()).collect()
}

/// Returns the code spans outside fenced blocks.
pub(crate) fn code_spans(text: &str) -> Vec<&str> {
    let outside = text.split("\n```").step_by(2);
    outside.flat_map(|it| it.split('`').skip(1).step_by(2)).collect()
}

/// Returns the code spans of each table row whose first one `wanted` accepts.
pub(crate) fn rows_that_begin_with(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(code_spans);
    rows.filter(|row| row.first().is_some_and(|span| wanted(span))).collect()
}

/// Returns the code spans in the first cell of each row, for all tables whose first head is `head`.
pub(crate) fn rows_under(text: &str, head: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut within, mut before) = (false, "");
    for line in text.lines() {
        let begins = !before.starts_with('|');
        before = line;
        let cell = line.strip_prefix("| ").and_then(|it| it.split(" |").next());
        match cell {
            Some(cell) if begins && cell == head => within = true,
            Some(cell) if within => {
                rows.push(code_spans(cell).into_iter().map(str::to_owned).collect());
            }
            _ if line.starts_with('|') => {}
            _ => within = false,
        }
    }
    rows
}

/// Splits a line into words as a shell does, and removes quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for character in line.chars().chain([' ']) {
        match quote {
            Some(open) if character == open => quote = None,
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None if character == ' ' => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            }
            _ => word.push(character),
        }
    }
    words
}
