//! The statements that write and read an imported table.

use portal_domain::tables::CopiedTable;

/// Returns the statement that inserts rows, with an array parameter for each column.
pub(super) fn insert(table: &CopiedTable) -> String {
    let list = |each: &dyn Fn(usize, (&str, &str)) -> String| {
        let columns = table.columns().enumerate();
        columns.map(|(place, it)| each(place + 1, it)).collect::<Vec<_>>().join(", ")
    };
    let names = list(&|_, (name, _)| name.to_owned());
    let values = list(&|place, (_, kind)| format!("c{place}::{kind}"));
    let given = list(&|place, _| format!("${place}::text[]"));
    let given_as = list(&|place, _| format!("c{place}"));
    let name = table.name;
    format!("insert into {name} ({names}) select {values} from unnest({given}) as it ({given_as})")
}

/// Returns the query for all rows in the order of their keys, each value as text, booleans as 0
/// and 1.
pub(super) fn select(table: &CopiedTable) -> String {
    let read = |(name, kind)| match kind {
        "boolean" => format!("{name}::integer::text"),
        _ => format!("{name}::text"),
    };
    let columns = table.columns().map(read).collect::<Vec<_>>().join(", ");
    format!("select {columns} from {} as it order by {}", table.name, key(table, ""))
}

/// Returns the columns of the key, each followed by `what`. They are qualified by the table,
/// because the selected columns of the same names are texts.
pub(super) fn key(table: &CopiedTable, what: &str) -> String {
    let columns = table.key.split(", ").map(|it| format!("it.{it}{what}"));
    columns.collect::<Vec<_>>().join(", ")
}
