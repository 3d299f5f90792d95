//! Handing over all that the inbox and the ledger hold, for another store to take over.

use std::fmt::Write as _;
use std::path::Path;

use portal_domain::StoreError;
use portal_domain::tables::CopiedTable;
use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};
use serde_json::Value;

use crate::connection::{AccessMode, OpenDatabase, failed};

/// A database as it was at one moment, beside whoever writes to it.
pub struct Export {
    open: OpenDatabase,
}

impl Export {
    /// Opens the file at `path`. The moment is that of the first reading.
    ///
    /// # Errors
    /// If there is no such file, or it is not a database of this service and this version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = OpenDatabase::new(path, AccessMode::Read)?;
        open.connection.execute_batch("begin").map_err(failed)?;
        Ok(Self { open })
    }

    /// Hands over the rows of a table in the order of their keys, those after `after` where that is
    /// there. Numbers are in decimal and truths 0 and 1; JSON has its keys sorted and no space.
    ///
    /// # Errors
    /// The first that comes up, here or in `each`.
    pub fn rows<E: From<StoreError>>(
        &self,
        table: &CopiedTable,
        after: Option<&[String]>,
        mut each: impl FnMut(&[Option<&str>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut select = self.open.connection.prepare(&select(table, after)).map_err(failed)?;
        let mut rows = select.query(params_from_iter(after.unwrap_or_default())).map_err(failed)?;
        let json = table.json();
        let mut made = vec![String::new(); table.columns().count()];
        while let Some(row) = rows.next().map_err(failed)? {
            for (column, made) in made.iter_mut().enumerate() {
                make(row, column, json == Some(column), made)?;
            }
            let cells = made.iter().enumerate().map(|(column, made)| cell(row, column, made));
            each(&cells.collect::<Result<Vec<_>, _>>()?)?;
        }
        Ok(self.open.check_not_moved()?)
    }
}

fn select(table: &CopiedTable, after: Option<&[String]>) -> String {
    let CopiedTable { name, key, .. } = table;
    let columns = names(table);
    // The values are texts; a column makes of them what it holds itself, one by one.
    let from = after.map_or_else(String::new, |after| {
        let values = (1..=after.len()).map(|it| format!("?{it}")).collect::<Vec<_>>().join(", ");
        format!(" where ({key}) > ({values})")
    });
    format!("select {columns} from {name}{from} order by {key}")
}

fn names(table: &CopiedTable) -> String {
    table.columns().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// Writes what is not handed over as it stands there.
fn make(row: &Row<'_>, column: usize, is_json: bool, into: &mut String) -> Result<(), StoreError> {
    into.clear();
    match row.get_ref(column).map_err(failed)? {
        ValueRef::Integer(number) => {
            write!(into, "{number}").map_err(|error| StoreError::Failed(error.to_string()))
        }
        ValueRef::Text(text) if is_json => {
            let mut value: Value = serde_json::from_slice(text).map_err(|_| StoreError::Corrupt)?;
            value.sort_all_objects();
            into.push_str(&value.to_string());
            Ok(())
        }
        ValueRef::Text(_) | ValueRef::Null => Ok(()),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError::Corrupt),
    }
}

fn cell<'c>(row: &'c Row<'_>, column: usize, made: &'c str) -> Result<Option<&'c str>, StoreError> {
    match row.get_ref(column).map_err(failed)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(text) if made.is_empty() => {
            std::str::from_utf8(text).map(Some).map_err(|_| StoreError::Corrupt)
        }
        ValueRef::Integer(_) | ValueRef::Text(_) => Ok(Some(made)),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError::Corrupt),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rusqlite::Connection;
    use tempfile::TempDir;

    use portal_domain::tables::{CopiedTable, TABLES};

    use super::{Export, StoreError, names};
    use crate::SqliteStore;

    /// Columns that are this file's own.
    const NOT_HANDED_OVER: [&str; 1] = ["heartbeat"];

    /// A database in which `sql` was done.
    fn home(sql: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.db");
        drop(SqliteStore::open(&path).unwrap());
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        (folder, path)
    }

    fn rows(export: &Export, name: &str, after: Option<&[&str]>) -> Vec<String> {
        let after = after.map(|it| it.iter().map(ToString::to_string).collect::<Vec<_>>());
        let (mut rows, table) = (Vec::new(), TABLES.iter().find(|it| it.name == name).unwrap());
        let each = |row: &[Option<&str>]| -> Result<(), StoreError> {
            rows.push(row.iter().map(|it| it.unwrap_or("NULL")).collect::<Vec<_>>().join("|"));
            Ok(())
        };
        export.rows(table, after.as_deref(), each).unwrap();
        rows
    }

    #[test]
    fn no_table_and_no_column_is_forgotten() {
        let (_folder, path) = home("");
        let connection = Connection::open(path).unwrap();
        let texts = |sql: &str| -> Vec<String> {
            let mut select = connection.prepare(sql).unwrap();
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<rusqlite::Result<_>>().unwrap()
        };
        let mut handed_over: Vec<_> = TABLES.iter().map(|it| it.name).collect();
        handed_over.extend(NOT_HANDED_OVER);
        handed_over.sort_unstable();
        let tables = "select name from sqlite_schema \
                      where type = 'table' and name not like 'sqlite%' order by name";
        assert_eq!(texts(tables), handed_over);
        for table in &TABLES {
            let CopiedTable { name, key, .. } = table;
            let of = |which: &str| {
                texts(&format!("select name from pragma_table_info('{name}') {which}")).join(", ")
            };
            assert_eq!(of("order by cid"), names(table), "{name}");
            assert_eq!(&of("where pk > 0 order by pk"), key, "{name}");
        }
    }

    #[test]
    fn rows_come_in_the_order_of_their_keys_and_go_on_after_one() {
        let (_folder, path) = home(
            "insert into fetch_queue (seq, due_at, attempts) values (10, 1, 0), (9, -2, 0), (100, 3, 0);
             insert into notification (channel, key) values ('b', 'a'), ('a', 'b'), ('a', 'c'), ('B', '')",
        );
        let export = Export::open(&path).unwrap();
        assert_eq!(rows(&export, "fetch_queue", None), ["9|-2|0", "10|1|0", "100|3|0"]);
        assert_eq!(rows(&export, "fetch_queue", Some(&["9"])), ["10|1|0", "100|3|0"]);
        let keys = |after| -> Vec<_> {
            let rows = rows(&export, "notification", after);
            rows.iter().map(|it| it.replace("|NULL||0|0|0|0", "")).collect()
        };
        assert_eq!(keys(None), ["B|", "b|a", "a|b", "a|c"]);
        assert_eq!(keys(Some(&["a", "b"])), ["a|b", "a|c"]);
    }

    /// Numbers in a key are compared as numbers, and every table can be gone on with.
    #[test]
    fn a_key_of_any_length_can_be_gone_on_after() {
        let (_folder, path) = home(
            "insert into balance_reading (currency, livemode, at, available, pending) \
                 values ('jpy', 1, 9, 0, 0), ('jpy', 1, 10, 0, 0), ('usd', 0, 5, 0, 0)",
        );
        let export = Export::open(&path).unwrap();
        let later = rows(&export, "balance_reading", Some(&["1", "jpy", "9"]));
        assert_eq!(later, ["1|jpy|10|0|0"]);
        for table in &TABLES {
            let key = vec!["0"; table.key.split(", ").count()];
            rows(&export, table.name, Some(&key));
        }
    }

    #[test]
    fn what_is_written_later_is_not_of_that_moment() {
        let (_folder, path) =
            home("insert into fetch_queue (seq, due_at, attempts) values (1, 1, 0)");
        let export = Export::open(&path).unwrap();
        assert_eq!(rows(&export, "fetch_queue", None).len(), 1);
        let other = Connection::open(&path).unwrap();
        other.execute_batch("insert into payment (id) values ('pi_1')").unwrap();
        assert_eq!(rows(&export, "payment", None).len(), 0);
        assert_eq!(rows(&Export::open(&path).unwrap(), "payment", None).len(), 1);
    }

    #[test]
    fn nothing_is_not_an_empty_text_and_json_is_written_one_way() {
        let (_folder, path) = home(
            r#"insert into payment (id, currency, livemode) values ('pi_1', '', 1);
               insert into alert (key, body, open, count, since, changed_at)
               values ('a', '{ "b": 1, "a": "x y" }', 0, 1, 2, 3)"#,
        );
        let export = Export::open(&path).unwrap();
        assert_eq!(rows(&export, "payment", None), ["pi_1|NULL|0||1|0|-1||100|100||0|0|NULL|0"]);
        assert_eq!(
            rows(&export, "alert", None),
            [r#"a|{"a":"x y","b":1}||0|1|2|3|1|0|NULL|NULL|NULL|NULL|NULL"#]
        );
    }
}
