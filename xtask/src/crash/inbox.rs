//! The inbox, read past the server: which events are in the file, and how often.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::crash::load::{Shared, lock};
use crate::delivery::SAMPLE_AMOUNT;
use crate::run::{Failure, wait_for};

/// A lease of 30 seconds, and the backlog of a busy server.
const SETTLED_WITHIN: Duration = Duration::from_secs(90);

/// What a look into the file told.
pub(crate) struct Findings {
    acknowledged: usize,
    /// Acknowledged, but not there.
    missing: usize,
    /// There more than once.
    doubled: usize,
    /// There, but never sent.
    unknown: usize,
    /// There, though the sender does not know it. Its next delivery will be a repeat.
    unacknowledged: usize,
}

/// Compares the database file with `book`, while nobody sends.
pub(crate) fn check(database: &Path, book: &Shared) -> Result<Findings, Failure> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let intact: String = connection.query_row("pragma integrity_check", [], |row| row.get(0))?;
    if intact != "ok" {
        return Err(format!("the database is damaged: {intact}").into());
    }
    let mut rows = count_rows(&connection)?;
    let doubled = rows.values().filter(|count| **count > 1).count();
    let book = lock(book);
    let mut there = |id: &String| rows.remove(id).is_some();
    let missing = book.acknowledged.iter().filter(|id| !there(id)).count();
    let unacknowledged = book.open.iter().filter(|id| there(id)).count();
    let acknowledged = book.acknowledged.len();
    Ok(Findings { acknowledged, missing, doubled, unknown: rows.len(), unacknowledged })
}

/// Waits until every event is settled, and fails where the ledger does not show each one's payment
/// once. A claim of a killed server ends with its lease.
pub(crate) fn expect_settled(database: &Path) -> Result<String, Failure> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    wait_for("every event to be settled", SETTLED_WITHIN, || {
        Ok((count("select count(*) from unsettled")? == 0).then_some(()))
    })?;
    let done = count("select count(*) from inbox where state = 'done'")?;
    let payments = count("select count(*) from payment")?;
    let donations = count("select count(*) from donation")?;
    let sum = count("select coalesce(sum(amount), 0) from donation")?;
    let told = format!("{done} settled, {donations} donations of {sum} in all");
    if [payments, donations] != [done; 2] || sum != done * SAMPLE_AMOUNT {
        return Err(format!("{told}: settling lost or doubled something").into());
    }
    Ok(told)
}

fn count_rows(connection: &Connection) -> Result<HashMap<String, usize>, Failure> {
    let mut counts = HashMap::new();
    // The table itself: its index would show an id only once.
    let mut select = connection.prepare("select id from event not indexed")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        *counts.entry(row.get(0)?).or_default() += 1;
    }
    Ok(counts)
}

impl Findings {
    /// Fails where an acknowledgement was broken.
    pub(crate) fn expect_nothing_lost(&self) -> Result<(), Failure> {
        let broken = self.missing + self.doubled + self.unknown;
        if broken == 0 { Ok(()) } else { Err(self.to_string().into()) }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, missing, doubled, unknown, unacknowledged } = self;
        write!(
            f,
            "{acknowledged} acknowledged, {missing} missing, {doubled} doubled, {unknown} unknown, \
             {unacknowledged} recorded but not acknowledged"
        )
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::check;
    use crate::crash::load::{Book, lock};

    #[test]
    fn what_is_missing_doubled_or_unknown_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("portal.db");
        let rows = "create table event (id text not null);
                    insert into event values ('there'), ('twice'), ('twice'), ('open'), ('never sent')";
        Connection::open(&database).unwrap().execute_batch(rows).unwrap();
        let book = Book::open(1).unwrap();
        lock(&book).acknowledged = ["there", "twice", "gone"].map(str::to_owned).into();
        lock(&book).open = ["open", "on its way"].map(str::to_owned).into();

        let found = check(&database, &book).unwrap();
        assert_eq!((found.acknowledged, found.missing, found.doubled), (3, 1, 1));
        assert_eq!((found.unknown, found.unacknowledged), (1, 1));
    }
}
