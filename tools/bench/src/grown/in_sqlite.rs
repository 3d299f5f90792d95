//! Filling a file of SQLite's.

use std::path::Path;

use indicatif::ProgressBar;
use portal_harness::delivery::Ids;
use rusqlite::{Connection, named_params};
use xtask::run::Failure;

use crate::grown::{CHUNK, Span, TWO_YEARS, pay_for_every_event};

/// Repeats the first event and its payment, over the whole span.
pub(crate) fn fill(
    file: &Path,
    ids: &mut Ids,
    &Span { began, events }: &Span,
    progress: &ProgressBar,
) -> Result<(), Failure> {
    let connection = Connection::open(file)?;
    connection.execute_batch("pragma synchronous = off; pragma cache_size = -1048576")?;
    let repeat = repeat_first_event(&columns(&connection, "event")?);
    let mut written = 0;
    while written < events {
        let chunk = connection.unchecked_transaction()?;
        let mut insert = connection.prepare_cached(&repeat)?;
        let until = events.min(written + CHUNK);
        for event in written..until {
            let at = began + u64::from(event) * TWO_YEARS / u64::from(events);
            let id = ids.draw_at(at);
            insert.execute(named_params! { ":id": id, ":at": i64::try_from(at)? })?;
        }
        chunk.commit()?;
        progress.inc((until - written).into());
        written = until;
    }
    connection.execute_batch(&pay_for_every_event(&columns(&connection, "payment")?))?;
    Ok(connection.execute_batch("pragma synchronous = full; pragma wal_checkpoint(truncate)")?)
}

/// The columns that are to be given.
fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, Failure> {
    let names = "select name from pragma_table_info(?1) where name <> 'seq'";
    let mut names = connection.prepare(names)?;
    Ok(names.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// A statement that inserts the first event again, with another id and other times.
fn repeat_first_event(columns: &[String]) -> String {
    let values = columns.iter().map(|column| match column.as_str() {
        "id" => ":id",
        "created" | "received_at" => ":at",
        other => other,
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let columns = columns.join(", ");
    format!("insert into event ({columns}) select {values} from event where seq = 1")
}
