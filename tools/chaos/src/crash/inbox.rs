//! The database, read past the server: which events are in it, how often, and what they came to.

use std::collections::HashMap;
use std::fmt;
use std::ops::AddAssign;

use portal_harness::database::Database;
use portal_harness::delivery::{SAMPLE_AMOUNT, payment_of};
use xtask::figures;
use xtask::run::Failure;

use crate::crash::book::{Shared, lock};

/// The result of a look into the database.
#[derive(Default)]
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
    /// There, but not processed or not paid in the ledger, once and in full; or paid without an event.
    unaccounted: usize,
}

/// Compares `database` with `book`, while nobody sends: what was acknowledged is there, and with it
/// what it changed.
pub(crate) fn check(database: &Database, book: &Shared) -> Result<Findings, Failure> {
    let reader = database.open()?;
    reader.expect_intact()?;
    reader.begin()?;
    let mut rows: HashMap<String, usize> = HashMap::new();
    for id in reader.ids()? {
        *rows.entry(id).or_default() += 1;
    }
    let mut paid: HashMap<String, i64> = reader.donations()?.into_iter().collect();
    let unpaid = |id: &&String| paid.remove(&payment_of(id)) != Some(SAMPLE_AMOUNT);
    let unaccounted = rows.keys().filter(unpaid).count() + paid.len() + reader.unprocessed()?;
    let doubled = rows.values().filter(|count| **count > 1).count();
    let book = lock(book);
    let mut there = |id: &String| rows.remove(id).is_some();
    let missing = book.acknowledged.iter().filter(|id| !there(id)).count();
    let unacknowledged = book.open.iter().filter(|id| there(id)).count();
    let acknowledged = book.acknowledged.len();
    let unknown = rows.len();
    Ok(Findings { acknowledged, missing, doubled, unknown, unacknowledged, unaccounted })
}

impl AddAssign for Findings {
    /// Adds what was found in another database.
    fn add_assign(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.missing += other.missing;
        self.doubled += other.doubled;
        self.unknown += other.unknown;
        self.unacknowledged += other.unacknowledged;
        self.unaccounted += other.unaccounted;
    }
}

impl Findings {
    /// Tells its numbers as figures.
    pub(crate) fn tell(&self) -> Result<(), Failure> {
        figures::sum("acknowledged", self.acknowledged)?;
        figures::sum("lost, doubled or not accounted for", self.broken())
    }

    /// Fails where an acknowledgement was broken.
    pub(crate) fn expect_nothing_lost(&self) -> Result<(), Failure> {
        if self.broken() == 0 { Ok(()) } else { Err(self.to_string().into()) }
    }

    const fn broken(&self) -> usize {
        self.missing + self.doubled + self.unknown + self.unaccounted
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, missing, doubled, unknown, unaccounted, unacknowledged } = self;
        write!(
            f,
            "{acknowledged} acknowledged, {missing} missing, {doubled} doubled, {unknown} unknown, \
             {unaccounted} not accounted for, {unacknowledged} recorded but not acknowledged"
        )
    }
}

#[cfg(test)]
mod tests {
    use portal_testkit::postgres::Cluster;
    use rusqlite::Connection;

    use super::{Findings, check};
    use crate::crash::book::{Book, lock};
    use portal_harness::database::{Database, Session};

    /// One id as due, one twice, one unacknowledged, one out of nowhere; and in the ledger three of
    /// them, one of these with another amount, and one that no event tells of.
    const ROWS: &str = "create table event (id text not null, state text not null);
        insert into event values ('evt_there', 'processed'), ('evt_twice', 'processed'),
            ('evt_twice', 'processed'), ('evt_open', 'dead'), ('evt_unsent', 'processed');
        create table donation (id text not null, amount bigint not null, state text not null);
        insert into donation values ('pi_there', 5000, 'paid'), ('pi_twice', 5001, 'paid'),
            ('pi_open', 5000, 'paid'), ('pi_unsent', 5000, 'failed'), ('pi_untold', 5000, 'paid')";

    fn found(database: &Database) -> Findings {
        let book = Book::open(1).unwrap();
        lock(&book).acknowledged = ["evt_there", "evt_twice", "evt_gone"].map(str::to_owned).into();
        lock(&book).open = ["evt_open", "evt_on_its_way"].map(str::to_owned).into();
        check(database, &book).unwrap()
    }

    fn expect_all_counted(found: &Findings) {
        assert_eq!((found.acknowledged, found.missing, found.doubled), (3, 1, 1));
        assert_eq!((found.unknown, found.unacknowledged), (1, 1));
        // Twice is paid with another amount, unsent is not paid, untold has no event, open is dead.
        assert_eq!(found.unaccounted, 4);
    }

    #[test]
    fn what_is_missing_doubled_unknown_or_unaccounted_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("portal.db");
        Connection::open(&database).unwrap().execute_batch(ROWS).unwrap();
        expect_all_counted(&found(&Database::Sqlite(database)));
    }

    #[test]
    fn it_is_counted_on_postgresql_as_well() {
        let cluster = Cluster::start().unwrap();
        let url = cluster.url(&cluster.new_database().unwrap());
        let session = Session::open(&url).unwrap();
        session.run(&format!("create schema donation_portal; {ROWS}")).unwrap();
        expect_all_counted(&found(&Database::Postgres(url)));
    }
}
