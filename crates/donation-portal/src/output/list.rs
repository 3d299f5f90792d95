//! Lists: as a table, as lines of JSON, or as CSV.

use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, presets};
use console::Term;
use serde::Serialize;

use super::{note, print, print_json};
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

/// The columns of a list.
pub(crate) struct Columns<'c, T> {
    pub(crate) heads: &'c [&'c str],
    /// The indices of the columns with amounts, which a table aligns to the right.
    pub(crate) amounts: &'c [usize],
    /// The indices of the columns of a table that a narrow terminal can do without, the least useful first.
    pub(crate) spare: &'c [usize],
    /// Returns the cells of an item. For CSV these are ids, words and numbers, so that nothing needs
    /// quoting.
    pub(crate) of: &'c dyn Fn(&T) -> Vec<String>,
}

/// The items of a list, and whether there are more than asked for.
pub(crate) struct ListPage<T> {
    pub(crate) items: Vec<T>,
    is_cut: bool,
}

/// The width below which a column is left out rather than shortened, in characters.
const SHORTENED_MIN: usize = 8;

/// The space between two columns of a table, in characters.
const GAP: usize = 2;

impl<T> ListPage<T> {
    /// Reads a page of `limit` items; `read` gets the limit for the store. One item beyond the limit
    /// shows that the list is cut.
    pub(crate) fn read(
        limit: u32,
        read: impl FnOnce(u32) -> Result<Vec<T>, Failure>,
    ) -> Result<Self, Failure> {
        let mut items = read(limit.saturating_add(1))?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_cut = items.len() > limit;
        items.truncate(limit);
        Ok(Self { items, is_cut })
    }

    /// Says on standard error that the list is cut, with advice; or, to people, that it is empty.
    pub(crate) fn note(&self, format: ListFormat, advice: &str, empty: &str) {
        if self.is_cut {
            let shown = self.items.len();
            note(format_args!("{shown} shown, and there are more: raise --limit, or {advice}"));
        } else if self.items.is_empty() && format == ListFormat::Table {
            note(empty);
        }
    }
}

/// Prints a list. An empty table has no header.
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
        ListFormat::Table if items.is_empty() => Ok(()),
        ListFormat::Table => print(in_columns(items, people)),
    }
}

/// Returns an empty table with these column heads.
pub(crate) fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heads.iter().copied());
    table
}

fn in_columns<T>(items: &[T], people: &Columns<'_, T>) -> Table {
    let heads = people.heads.iter().map(ToString::to_string).collect();
    let mut rows: Vec<Vec<String>> =
        std::iter::once(heads).chain(items.iter().map(people.of)).collect();
    // Only a terminal has a width.
    let width = Term::stdout().size_checked().map(|(_, width)| usize::from(width));
    let kept = match width {
        Some(width) => fit(&mut rows, people.spare, width),
        None => (0..people.heads.len()).collect(),
    };
    let mut rows = rows.into_iter().map(|row| {
        let cells = row.into_iter().enumerate().filter(|(column, _)| kept.contains(column));
        cells.map(|(_, cell)| cell).collect::<Vec<_>>()
    });
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(rows.next().unwrap_or_default());
    for (place, column) in kept.iter().enumerate() {
        if people.amounts.contains(column)
            && let Some(column) = table.column_mut(place)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.add_rows(rows);
    table
}

/// Leaves out and shortens columns in the order of `spare` until the table has this width at most, and
/// returns the columns that are left.
fn fit(rows: &mut [Vec<String>], spare: &[usize], width: usize) -> Vec<usize> {
    let length =
        |row: &Vec<String>, column: usize| row.get(column).map_or(0, |it| it.chars().count());
    let columns = rows.first().map_or(0, Vec::len);
    let mut kept: Vec<usize> = (0..columns).collect();
    let widest = |column| rows.iter().map(|row| length(row, column)).max().unwrap_or_default();
    let widths: Vec<usize> = kept.iter().map(|column| widest(*column)).collect();
    let mut over = (widths.iter().sum::<usize>() + GAP * columns).saturating_sub(width);
    for column in spare {
        let own = widths.get(*column).copied().unwrap_or_default();
        if over == 0 {
            break;
        } else if own >= over + SHORTENED_MIN {
            rows.iter_mut().filter_map(|row| row.get_mut(*column)).for_each(|cell| {
                shorten(cell, own - over);
            });
            break;
        }
        kept.retain(|it| it != column);
        over = over.saturating_sub(own + GAP);
    }
    kept
}

/// Shortens `cell` to `width` characters, the last of which is an ellipsis.
fn shorten(cell: &mut String, width: usize) {
    if cell.chars().count() > width {
        let end = cell.char_indices().nth(width - 1).map_or(cell.len(), |(at, _)| at);
        cell.truncate(end);
        cell.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::{GAP, fit};

    /// Returns the lines of a table of three columns at this width, of which the last and then the
    /// middle one can be spared.
    fn at(width: usize) -> Vec<String> {
        let rows = [["id", "type", "created"], ["evt_1", "invoice.payment", "2026-11-22 09:00"]];
        let mut rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        let kept = fit(&mut rows, &[2, 1], width);
        rows.iter()
            .map(|row| kept.iter().map(|it| row[*it].as_str()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn the_least_useful_columns_are_shortened_and_then_left_out() {
        let whole = 5 + 15 + 16 + 3 * GAP;
        assert_eq!(at(whole)[1], "evt_1 invoice.payment 2026-11-22 09:00");
        assert_eq!(at(whole - 1)[1], "evt_1 invoice.payment 2026-11-22 09:…");
        assert_eq!(at(whole - 8)[1], "evt_1 invoice.payment 2026-11…");
        assert_eq!(at(whole - 9), ["id type", "evt_1 invoice.payment"]);
        assert_eq!(at(whole - 20)[1], "evt_1 invoice.paym…");
        assert_eq!(at(10), ["id", "evt_1"]);
        assert_eq!(at(1), ["id", "evt_1"]);
    }
}
