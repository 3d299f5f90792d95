//! Documents, and what of them is for machines.

use std::fs;
use std::path::Path;

use crate::support::Result;

/// The repository's root.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

pub(crate) fn read(name: &str) -> Result<String> {
    let text = fs::read_to_string(Path::new(ROOT).join(name));
    text.map_err(|error| format!("{name}: {error}").into())
}

/// Every document, by its path from the root.
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

/// The lines of each fenced block, without remarks, and with continued lines joined.
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

/// The lines of all fenced blocks, as a shell would get them.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let lines = blocks(text).into_iter().flatten();
    lines.map(|line| line.strip_prefix("$ ").unwrap_or(&line).to_owned()).collect()
}

/// What stands between single backticks, outside fenced blocks.
pub(crate) fn code_spans(text: &str) -> Vec<&str> {
    let outside = text.split("\n```").step_by(2);
    outside.flat_map(|it| it.split('`').skip(1).step_by(2)).collect()
}

/// The code spans of each table row whose first one is as `wanted`.
pub(crate) fn rows_that_begin_with(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(code_spans);
    rows.filter(|row| row.first().is_some_and(|span| wanted(span))).collect()
}

/// The code spans in the first cell of each row of all tables whose first head is `head`.
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

/// A line's words as a shell tells them apart; quotes are taken off.
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
