//! The comparison of the copy with its source.

use comfy_table::CellAlignment;
use portal_domain::money::for_people;
use portal_domain::{Backlog, Total};

use super::content::CopyContent;
use crate::exit::Failure;
use crate::output;

/// The rows of a database with the totals and the backlog that follow from them.
pub(super) struct Inventory {
    pub(super) content: CopyContent,
    pub(super) totals: Vec<Total>,
    pub(super) backlog: Backlog,
}

impl Inventory {
    /// Names the tables and figures in which `copy` differs.
    pub(super) fn differences(&self, copy: &Self) -> Vec<String> {
        let tables = self.content.0.iter().zip(&copy.content.0).filter(|(it, copy)| it != copy);
        let mut differences: Vec<_> = tables
            .map(|(it, copy)| match (it.rows, copy.rows) {
                (rows, copied) if rows != copied => {
                    format!("{} ({copied} rows instead of {rows})", it.name)
                }
                _ => format!("{} (values)", it.name),
            })
            .collect();
        if self.totals != copy.totals {
            differences.push("the totals of donations".into());
        }
        if self.backlog != copy.backlog {
            differences.push("the backlog".into());
        }
        differences
    }

    /// Prints the tables for people.
    pub(super) fn print(&self) -> Result<(), Failure> {
        let mut rows = output::table(&["table", "rows"]);
        rows.add_rows(self.content.0.iter().map(|it| [it.name.to_owned(), it.rows.to_string()]));
        if let Some(column) = rows.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        output::print(rows)?;
        if self.totals.is_empty() {
            return Ok(());
        }
        let mut totals = output::table(&["currency", "kind", "mode", "count", "gross", "net"]);
        totals.add_rows(self.totals.iter().map(|it| {
            [
                it.currency.to_string(),
                it.kind.name().to_owned(),
                if it.livemode { "live" } else { "test" }.to_owned(),
                it.count.to_string(),
                for_people(it.gross, &it.currency),
                for_people(it.net, &it.currency),
            ]
        }));
        for column in 3..6 {
            if let Some(column) = totals.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        output::print(format_args!("\n{totals}"))
    }
}
