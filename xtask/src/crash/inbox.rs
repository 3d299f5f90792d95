//! The inbox, read past the server: which events are in it, how often, and what they came to.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::crash::book::{Shared, lock};
use crate::database::Database;
use crate::delivery::SAMPLE_AMOUNT;
use crate::run::Failure;

/// A lease of 30 seconds, one of twice as many where a second server was killed with the same
/// events, and the backlog of a busy server.
const SETTLED_WITHIN: Duration = Duration::from_secs(150);

/// What a look into the database told.
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

/// Compares `database` with `book`, while nobody sends.
pub(crate) fn check(database: &Database, book: &Shared) -> Result<Findings, Failure> {
    let reader = database.open()?;
    reader.expect_intact()?;
    let mut rows: HashMap<String, usize> = HashMap::new();
    for id in reader.ids()? {
        *rows.entry(id).or_default() += 1;
    }
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
pub(crate) fn expect_settled(database: &Database) -> Result<String, Failure> {
    let reader = database.open()?;
    let (left, started) = (reader.unsettled()?, Instant::now());
    reader.wait_until_settled(SETTLED_WITHIN)?;
    let took = started.elapsed().as_secs();
    let recorded = reader.number("select count(*) from event")?;
    let done = reader.number("select count(*) from inbox where state = 'done'")?;
    let payments = reader.number("select count(*) from payment")?;
    let donations = reader.number("select count(*) from donation")?;
    let sum = reader.number("select cast(coalesce(sum(amount), 0) as bigint) from donation")?;
    let told = format!(
        "{done} settled, the last {left} in {took} s; {donations} donations of {sum} in all"
    );
    if [done, payments, donations] != [recorded; 3] || sum != done * SAMPLE_AMOUNT {
        return Err(format!("{told}: settling lost or doubled something").into());
    }
    Ok(told)
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
    use portal_test_postgres::Cluster;
    use rusqlite::Connection;

    use super::{Findings, check};
    use crate::crash::book::{Book, lock};
    use crate::database::{Database, Session};

    /// What is in the database: one id as due, one twice, one unacknowledged, one out of nowhere.
    const ROWS: &str = "create table event (id text not null);
        insert into event values ('there'), ('twice'), ('twice'), ('open'), ('never sent')";

    fn found(database: &Database) -> Findings {
        let book = Book::open(1).unwrap();
        lock(&book).acknowledged = ["there", "twice", "gone"].map(str::to_owned).into();
        lock(&book).open = ["open", "on its way"].map(str::to_owned).into();
        check(database, &book).unwrap()
    }

    fn expect_all_counted(found: &Findings) {
        assert_eq!((found.acknowledged, found.missing, found.doubled), (3, 1, 1));
        assert_eq!((found.unknown, found.unacknowledged), (1, 1));
    }

    #[test]
    fn what_is_missing_doubled_or_unknown_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("portal.db");
        Connection::open(&database).unwrap().execute_batch(ROWS).unwrap();
        expect_all_counted(&found(&Database::Sqlite(database)));
    }

    #[test]
    fn it_is_counted_on_postgresql_as_well() {
        let cluster = Cluster::start().unwrap();
        let url = cluster.url(&cluster.new_database().unwrap().name);
        let session = Session::open(&url).unwrap();
        session.run(&format!("create schema donation_portal; {ROWS}")).unwrap();
        expect_all_counted(&found(&Database::Postgres(url)));
    }
}
