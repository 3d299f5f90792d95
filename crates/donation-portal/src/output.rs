//! The output of commands: lines, notes, JSON and lists.

mod list;

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _, stderr, stdout};

use clap::ValueEnum;
use comfy_table::{Table, presets};
use portal_domain::{Text, text};
use serde::Serialize;

use crate::exit::Failure;

pub(crate) use portal_domain::money::counted;

pub(crate) use list::{Columns, ListFormat, ListPage, print_list, table};

/// The output formats of one object.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OneFormat {
    /// For people
    Text,
    /// One JSON object, with stable keys
    Json,
}

/// Prints `text` and a newline. A closed pipe, as `head` leaves it, is no error.
pub(crate) fn print(text: impl Display) -> Result<(), Failure> {
    match try_print(text) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::could_not(printing(), error))
        }
        _ => Ok(()),
    }
}

/// Prints `text` and a newline, for callers to whom a closed pipe matters.
pub(crate) fn try_print(text: impl Display) -> io::Result<()> {
    writeln!(stdout().lock(), "{text}")
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

/// Returns rows as lines with aligned columns.
pub(crate) fn aligned(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).add_rows(rows);
    table.trim_fmt()
}

fn to_json(json: serde_json::Result<String>) -> Result<String, Failure> {
    json.map_err(|error| Failure::could_not(printing(), Text::same(error)))
}

/// Returns the step of [`print()`] in an error.
pub(crate) fn printing() -> Text {
    text!("print", "出力できません")
}
