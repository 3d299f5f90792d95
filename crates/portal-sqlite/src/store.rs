//! The store's sentences on SQLite.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::row::{self, Row};
use portal_domain::{
    AlertChange, AlertRow, Backlog, Begun, Claimed, ClaimedNotice, Donation, DonationFilter, Event,
    EventFilter, EventId, Lease, NoticeSettlement, ObjectId, Past, Recorded, Remedy, Report,
    Selection, Settled, Settlement, Store, StoreError, Supplied, Total, UnixSeconds,
};
use rusqlite::Connection;

use crate::checkpoint::Checkpoints;
use crate::connection::{Open, Purpose};
use crate::run::{all, first, one, run};
use crate::slot::Slot;
use crate::sql::{self, Statement};
use crate::write::{Write, atomically};

/// The inbox and the ledger in one SQLite file, in WAL mode with `synchronous=FULL`.
///
/// Its methods block the calling thread, up to two seconds where another process holds the lock.
/// After a failure the file is opened anew, so that the store works again when the trouble ends.
pub struct SqliteStore {
    /// Reading has a connection of its own: it waits for no write, and no write waits for it.
    reading: Slot,
    /// What may take seconds has another one, so that a look at the backlog does not wait for it.
    reporting: Slot,
    /// Closed last, because the last one empties the log, and that takes one that writes.
    writing: Slot,
    checkpoints: Checkpoints,
}

impl SqliteStore {
    /// Opens the file at `path` for writing, makes it where there is none, and brings its schema up
    /// to date.
    ///
    /// # Errors
    /// Where that is not possible now.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = Open::new(path, Purpose::Create)?;
        let reading = Slot::new(path, Purpose::Read, None);
        Ok(Self::new(path, reading, Slot::new(path, Purpose::Write, Some(open))))
    }

    /// Opens the file at `path` for reading, beside a server that may be writing to it.
    ///
    /// # Errors
    /// Where there is no such file, or it is not a database of this service.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let open = Open::new(path, Purpose::Read)?;
        let reading = Slot::new(path, Purpose::Read, Some(open));
        Ok(Self::new(path, reading, Slot::new(path, Purpose::Read, None)))
    }

    fn new(path: &Path, reading: Slot, writing: Slot) -> Self {
        let reporting = Slot::new(path, Purpose::Read, None);
        Self { reading, reporting, writing, checkpoints: Checkpoints::new(path) }
    }

    /// One transaction.
    fn write<T>(
        &self,
        how: Write,
        step: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.writing.with(|connection| {
            how.begin(connection)?;
            let done = atomically(connection, || step(connection))?;
            how.end(connection)?;
            self.checkpoints.after_commit(connection);
            Ok(done)
        });
        // SQLite keeps a file open as long as any connection is: to open it anew, close all.
        if done.is_err() {
            self.reading.close();
            self.reporting.close();
        }
        done
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn record(&self, events: &[Arc<Event>]) -> Result<Vec<Recorded>, StoreError> {
        self.write(Write::Now, |connection| {
            events.iter().map(|event| record(connection, event)).collect()
        })
    }

    async fn claim(
        &self,
        limit: u32,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Vec<Claimed>, StoreError> {
        let [number, due, leased] = sql::inbox::claim(limit, lease, now);
        self.write(Write::Soon, |connection| {
            let Some(number) = first(connection, &number, |row| row::integer(row, 0))? else {
                return Ok(Vec::new());
            };
            let claimed =
                |row: &dyn Row| Ok(Claimed { event: row::event(row)?, lease: Lease(number) });
            let claimed = all(connection, &due, claimed)?;
            run(connection, &leased)?;
            Ok(claimed)
        })
    }

    async fn settle(
        &self,
        settlements: &[Settlement],
        now: UnixSeconds,
    ) -> Result<Vec<Settled>, StoreError> {
        self.write(Write::Soon, |connection| {
            settlements
                .iter()
                .map(|it| settled(connection, &sql::inbox::settle(it, now)?))
                .collect()
        })
    }

    async fn apply(
        &self,
        remedy: Remedy,
        which: &Selection,
        now: UnixSeconds,
    ) -> Result<u64, StoreError> {
        let [eligible, steps @ ..] = &*sql::inbox::apply(remedy, which, now) else {
            return Ok(0);
        };
        self.write(Write::Now, |connection| {
            let applied = one(connection, eligible, |row| row::count(row, 0))?;
            for step in steps {
                run(connection, step)?;
            }
            Ok(applied)
        })
    }

    async fn eligible(&self, remedy: Remedy, which: &Selection) -> Result<u64, StoreError> {
        let eligible = sql::inbox::eligible(remedy, which);
        self.reporting.with(|connection| one(connection, &eligible, |row| row::count(row, 0)))
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.reading.with(|connection| first(connection, &sql::inbox::event(id), row::event))
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.reporting.with(|connection| all(connection, &sql::inbox::events(filter), row::event))
    }

    async fn backlog(&self, now: UnixSeconds) -> Result<Backlog, StoreError> {
        let backlog = |row: &dyn Row| row::backlog(row, now);
        self.reading.with(|connection| one(connection, &sql::inbox::backlog(), backlog))
    }

    async fn past(&self, since: UnixSeconds) -> Result<Past, StoreError> {
        self.reporting.with(|connection| one(connection, &sql::inbox::past(since), row::past))
    }

    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        let donations = sql::ledger::donations_of(ids);
        self.reading.with(|connection| all(connection, &donations, row::donation_or_none))
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        let donations = sql::ledger::donations(filter, after, limit);
        self.reporting.with(|connection| all(connection, &donations, row::donation))
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        self.reporting.with(|connection| all(connection, &sql::ledger::totals(filter), row::total))
    }

    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        self.write(Write::Beside, |connection| {
            for change in changes {
                run(connection, &sql::alerts::write(change, now)?)?;
            }
            Ok(())
        })
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        self.reporting.with(|connection| all(connection, &sql::alerts::list(limit), row::alert))
    }

    async fn claim_notice(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<ClaimedNotice>, StoreError> {
        let [due, leased] = sql::alerts::claim(channel, lease, now);
        self.write(Write::Soon, |connection| {
            let Some(notice) = first(connection, &due, row::notice)? else { return Ok(None) };
            let lease = |row: &dyn Row| Ok((Lease(row::integer(row, 0)?), row::count(row, 1)?));
            let (lease, attempts) = one(connection, &leased, lease)?;
            Ok(Some(ClaimedNotice { notice, lease, attempts }))
        })
    }

    async fn settle_notice(
        &self,
        channel: &str,
        settlement: &NoticeSettlement,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let settled = sql::alerts::settle(channel, settlement, now);
        self.write(Write::Beside, |connection| run(connection, &settled).map(drop))
    }

    async fn waiting(&self, limit: u32, now: UnixSeconds) -> Result<Vec<Event>, StoreError> {
        let waiting = sql::fetching::waiting(limit, now);
        self.reading.with(|connection| all(connection, &waiting, row::event))
    }

    async fn supply(
        &self,
        event: &EventId,
        supplied: &Supplied,
        now: UnixSeconds,
    ) -> Result<Settled, StoreError> {
        let steps = sql::fetching::supply(event, supplied, now)?;
        self.write(Write::Soon, |connection| settled(connection, &steps))
    }

    async fn told_thin(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        let told = sql::fetching::told_thin(events);
        let is_told = |row: &dyn Row| row::integer(row, 0).map(|it| it != 0);
        self.reading.with(|connection| all(connection, &told, is_told))
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        let confirm = sql::reconciling::confirm(donations, now);
        self.write(Write::Now, |connection| run(connection, &confirm).map(drop))
    }

    async fn begin(
        &self,
        errand: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<Begun>, StoreError> {
        let begin = sql::reconciling::begin(errand, lease, now);
        self.write(Write::Now, |connection| first(connection, &begin, row::begun))
    }

    async fn keep(
        &self,
        errand: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Settled, StoreError> {
        let keep = sql::reconciling::keep(errand, lease, position, due_at);
        self.write(Write::Now, |connection| settled(connection, &[keep]))
    }

    async fn position(&self, errand: &str) -> Result<Option<String>, StoreError> {
        let position = sql::reconciling::position(errand);
        let kept = |row: &dyn Row| row.text(0).map(|it| it.map(ToOwned::to_owned));
        self.reading.with(|connection| first(connection, &position, kept)).map(Option::flatten)
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        let spent = sql::reconciling::spent(now);
        let tell = |connection: &Connection| one(connection, &spent, |row| row::count(row, 0));
        if reads == 0 {
            return self.reading.with(tell);
        }
        self.write(Write::Now, |connection| {
            for step in sql::reconciling::spend(reads, now) {
                run(connection, &step)?;
            }
            tell(connection)
        })
    }

    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        let file = sql::reconciling::file_report(report)?;
        self.write(Write::Now, |connection| one(connection, &file, |row| row::count(row, 0)))
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        let reports = sql::reconciling::reports(number, limit);
        self.reporting.with(|connection| all(connection, &reports, row::report))
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        self.write(Write::Now, |connection| {
            let [alerts, notices, events] = sql::inbox::prune(before, limit);
            run(connection, &alerts)?;
            run(connection, &notices)?;
            run(connection, &events)
        })
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        let prunable = sql::inbox::prunable(before);
        self.reporting.with(|connection| one(connection, &prunable, |row| row::count(row, 0)))
    }

    async fn ping(&self, now: UnixSeconds) -> Result<(), StoreError> {
        self.write(Write::Now, |connection| {
            for step in sql::inbox::ping(now) {
                run(connection, &step)?;
            }
            Ok(())
        })
    }
}

fn record(connection: &Connection, event: &Event) -> Result<Recorded, StoreError> {
    if run(connection, &sql::inbox::record(event)?)? == 0 {
        return Ok(Recorded::Duplicate);
    }
    if let Some(to_settle) = sql::inbox::to_settle(event) {
        run(connection, &to_settle)?;
    }
    Ok(Recorded::New)
}

/// Runs the steps of a settlement, which was done where the last one has changed something.
fn settled(connection: &Connection, steps: &[Statement<'_>]) -> Result<Settled, StoreError> {
    let mut changed = 0;
    for step in steps {
        changed = run(connection, step)?;
    }
    Ok(if changed > 0 { Settled::Applied } else { Settled::Stale })
}
