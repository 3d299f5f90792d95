//! What commands print on standard output.

use std::io::Write as _;

use clap::ValueEnum;
use comfy_table::{Table, presets};
use serde::Serialize;

use crate::exit::Failure;

/// How a list is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Columns for people
    Table,
    /// One JSON object a line; a contract
    Json,
    /// Comma-separated values with a header
    Csv,
}

/// How one thing is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OneFormat {
    /// For people
    Text,
    /// One JSON object; a contract
    Json,
}

/// Prints `text` and a line's end. A reader that has gone away, such as `head`, is no failure.
pub(crate) fn print(text: impl std::fmt::Display) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::could_not("print", error))
        }
        _ => Ok(()),
    }
}

/// Prints `value` as one line of JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(to_json(serde_json::to_string(value))?)
}

/// Prints `value` as JSON for people.
pub(crate) fn print_json_pretty(value: &impl Serialize) -> Result<(), Failure> {
    print(to_json(serde_json::to_string_pretty(value))?)
}

fn to_json(json: serde_json::Result<String>) -> Result<String, Failure> {
    json.map_err(|error| Failure::could_not("print", error))
}

/// An empty table with these column heads.
pub(crate) fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heads.iter().copied());
    table
}
