//! Filling a file of SQLite's.

use std::path::Path;

use indicatif::ProgressBar;
use rusqlite::{Connection, named_params};

use crate::bench::grown::{CHUNK, Span, TWO_YEARS};
use crate::delivery::Ids;
use crate::run::Failure;

/// Repeats the first row, over the whole span.
pub(crate) fn fill(
    file: &Path,
    ids: &mut Ids,
    &Span { began, events }: &Span,
    progress: &ProgressBar,
) -> Result<(), Failure> {
    let connection = Connection::open(file)?;
    connection.execute_batch("pragma synchronous = off; pragma cache_size = -1048576")?;
    let repeat = repeat_first_row(&connection)?;
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
    Ok(connection.execute_batch("pragma synchronous = full; pragma wal_checkpoint(truncate)")?)
}

/// A statement that inserts the first row again, with another id and other times.
fn repeat_first_row(connection: &Connection) -> Result<String, Failure> {
    let mut info =
        connection.prepare("select name from pragma_table_info('event') where name <> 'seq'")?;
    let columns = info.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let values = columns.iter().map(|column| match column.as_str() {
        "id" => ":id",
        "created" | "received_at" => ":at",
        "state" => "'done'",
        other => other,
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let columns = columns.join(", ");
    Ok(format!("insert into event ({columns}) select {values} from event where seq = 1"))
}
