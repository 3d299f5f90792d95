//! The output of commands: lines, notes, JSON and lists.

use std::fmt::Display;
use std::io::{ErrorKind, Write as _, stderr, stdout};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::exit::Failure;

/// The output formats of a list.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Columns for people
    Table,
    /// One JSON object a line, with stable keys
    Json,
    /// Comma-separated values with a header
    Csv,
}

/// The output formats of one object.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OneFormat {
    /// For people
    Text,
    /// One JSON object, with stable keys
    Json,
}

/// The columns of a list.
pub(crate) struct Columns<'c, T> {
    pub(crate) heads: &'c [&'c str],
    /// The indices of the columns with amounts, which a table aligns to the right.
    pub(crate) amounts: &'c [usize],
    /// Returns the cells of an item. For CSV these are ids, words and numbers, so that nothing needs
    /// quoting.
    pub(crate) of: &'c dyn Fn(&T) -> Vec<String>,
}

/// Prints `text` and a newline. A closed pipe, as `head` leaves it, is no error.
pub(crate) fn print(text: impl Display) -> Result<(), Failure> {
    match writeln!(stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::could_not("print", error))
        }
        _ => Ok(()),
    }
}

/// Prints a remark that is not part of the command's output to standard error.
pub(crate) fn note(text: impl Display) {
    // If standard error is closed, nobody reads the remark.
    writeln!(stderr().lock(), "{text}").ok();
}

/// Prints `value` as one line of JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(to_json(serde_json::to_string(value))?)
}

/// Prints `value` as JSON for people.
pub(crate) fn print_json_pretty(value: &impl Serialize) -> Result<(), Failure> {
    print(to_json(serde_json::to_string_pretty(value))?)
}

/// Prints a list.
pub(crate) fn print_list<'t, T, J: Serialize>(
    format: ListFormat,
    items: &'t [T],
    json: impl Fn(&'t T) -> J,
    csv: &Columns<'_, T>,
    people: &Columns<'_, T>,
) -> Result<(), Failure> {
    match format {
        ListFormat::Json => items.iter().try_for_each(|item| print_json(&json(item))),
        ListFormat::Csv => {
            print(csv.heads.join(","))?;
            items.iter().try_for_each(|item| print((csv.of)(item).join(",")))
        }
        ListFormat::Table => {
            let mut table = table(people.heads);
            for column in people.amounts {
                if let Some(column) = table.column_mut(*column) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            table.add_rows(items.iter().map(|item| (people.of)(item)));
            print(table)
        }
    }
}

/// Returns an empty table with these column heads.
pub(crate) fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heads.iter().copied());
    table
}

/// Returns rows as lines with aligned columns.
pub(crate) fn aligned(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).add_rows(rows);
    table.trim_fmt()
}

/// True if standard output may be written escape sequences: a terminal, and neither `NO_COLOR` nor
/// `TERM=dumb` forbids it.
pub(crate) fn takes_escapes() -> bool {
    AutoStream::choice(&stdout()) != ColorChoice::Never
}

/// Returns a count with its noun: `1 event`, `2 events`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn to_json(json: serde_json::Result<String>) -> Result<String, Failure> {
    json.map_err(|error| Failure::could_not("print", error))
}
