//! The store's sentences on SQLite.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use portal_domain::row_decode::{self, Row};
use portal_domain::{
    AlertChange, AlertRow, Alerts, AwaitingObject, Backlog, DeliveryHistory, Donation,
    DonationFilter, DonationRows, Entry, Event, EventFilter, EventId, Inbox, Jobs, Lease,
    LeasedJob, LeasedNotification, Ledger, NotificationOutcome, ObjectId, OperatorAction, Recorded,
    Report, Reports, Reprocess, Selection, StoreError, Total, UnixSeconds, Written,
};
use rusqlite::Connection;

use crate::checkpoint::Checkpoints;
use crate::connection::{AccessMode, OpenDatabase};
use crate::run::{all, first, one, run};
use crate::slot::ConnectionSlot;
use crate::sql::{self, Statement};
use crate::write::{Write, atomically};

/// The inbox and the ledger in one SQLite file, in WAL mode with `synchronous=FULL`.
///
/// Its methods block the calling thread, up to two seconds where another process holds the lock.
/// After a failure the file is opened anew, so that the store works again when the trouble ends.
pub struct SqliteStore {
    /// Reading has a connection of its own: it waits for no write, and no write waits for it.
    reading: ConnectionSlot,
    /// What may take seconds has another one, so that a look at the backlog does not wait for it.
    reporting: ConnectionSlot,
    /// Closed last, because the last one empties the log, and that takes one that writes.
    writing: ConnectionSlot,
    checkpoints: Checkpoints,
}

/// Between the steps of a long work: a lock that is let go and taken again at once is not given to
/// those who wait for it, and deliveries must not wait for seconds.
const GIVE_WAY: Duration = Duration::from_millis(2);

impl SqliteStore {
    /// Opens the file at `path` for writing, makes it where there is none, and brings its schema up
    /// to date.
    ///
    /// # Errors
    /// Where that is not possible now.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = OpenDatabase::new(path, AccessMode::Create)?;
        let reading = ConnectionSlot::new(path, AccessMode::Read, None);
        Ok(Self::new(path, reading, ConnectionSlot::new(path, AccessMode::Write, Some(open))))
    }

    /// Opens the file at `path` for reading, beside a server that may be writing to it.
    ///
    /// # Errors
    /// Where there is no such file, or it is not a database of this service.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let open = OpenDatabase::new(path, AccessMode::Read)?;
        let reading = ConnectionSlot::new(path, AccessMode::Read, Some(open));
        Ok(Self::new(path, reading, ConnectionSlot::new(path, AccessMode::Read, None)))
    }

    fn new(path: &Path, reading: ConnectionSlot, writing: ConnectionSlot) -> Self {
        let reporting = ConnectionSlot::new(path, AccessMode::Read, None);
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
impl Inbox for SqliteStore {
    async fn record(
        &self,
        entries: &[Arc<Entry>],
        now: UnixSeconds,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.write(Write::Now, |connection| {
            entries.iter().map(|entry| record(connection, entry, now)).collect()
        })
    }

    async fn reprocess(
        &self,
        steps: &[Reprocess],
        now: UnixSeconds,
    ) -> Result<Vec<Written>, StoreError> {
        self.write(Write::Now, |connection| {
            let reprocess = |step| {
                let statements = sql::inbox::reprocess(step, now)?;
                let changed = run_all(connection, &statements)?;
                Ok(written(changed.iter().rev().nth(1).copied().unwrap_or_default()))
            };
            steps.iter().map(reprocess).collect()
        })
    }

    async fn ignore(&self, which: &Selection, now: UnixSeconds) -> Result<u64, StoreError> {
        self.write(Write::Now, |connection| {
            let [count, ignore, resolve] = sql::inbox::ignore(which, now);
            let ignored = one(connection, &count, |row| row_decode::count(row, 0))?;
            run_all(connection, &[ignore, resolve])?;
            Ok(ignored)
        })
    }

    async fn event(&self, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.reading.with(|connection| first(connection, &sql::inbox::event(id), row_decode::event))
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, StoreError> {
        self.reporting
            .with(|connection| all(connection, &sql::inbox::events(filter), row_decode::event))
    }

    async fn events_for(
        &self,
        action: OperatorAction,
        which: &Selection,
        after: Option<&EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let events = sql::inbox::events_for(action, which, after, limit);
        self.reporting.with(|connection| all(connection, &events, row_decode::event))
    }

    async fn count_for(
        &self,
        action: OperatorAction,
        which: &Selection,
    ) -> Result<u64, StoreError> {
        let count = sql::inbox::count_for(action, which);
        self.reporting.with(|connection| one(connection, &count, |row| row_decode::count(row, 0)))
    }

    async fn has_thin_event(&self, events: &[Arc<Event>]) -> Result<Vec<bool>, StoreError> {
        let told = sql::fetching::has_thin_event(events);
        let is_told = |row: &dyn Row| row_decode::integer(row, 0).map(|it| it != 0);
        self.reading.with(|connection| all(connection, &told, is_told))
    }

    async fn ping(&self, now: UnixSeconds) -> Result<Option<UnixSeconds>, StoreError> {
        self.write(Write::Now, |connection| {
            run_all(connection, &sql::inbox::ping(now)).map(|_| None)
        })
    }
}

#[async_trait]
impl Ledger for SqliteStore {
    async fn donations_of(&self, ids: &[ObjectId]) -> Result<Vec<Option<Donation>>, StoreError> {
        let donations = sql::donations::donations_of(ids);
        self.reading.with(|connection| all(connection, &donations, row_decode::donation_or_none))
    }

    async fn donation_rows(&self, id: &ObjectId) -> Result<Option<DonationRows>, StoreError> {
        let rows = sql::donations::donation_rows(id);
        self.reading.with(|connection| first(connection, &rows, row_decode::donation_rows))
    }

    async fn parents_of(&self, object: &ObjectId) -> Result<Vec<ObjectId>, StoreError> {
        let parents = sql::donations::parents_of(object);
        self.reading.with(|connection| all(connection, &parents, row_decode::object_id))
    }

    async fn donations(
        &self,
        filter: &DonationFilter,
        after: Option<(UnixSeconds, &ObjectId)>,
        limit: u32,
    ) -> Result<Vec<Donation>, StoreError> {
        let donations = sql::donations::donations(filter, after, limit);
        self.reporting.with(|connection| all(connection, &donations, row_decode::donation))
    }

    async fn totals(&self, filter: &DonationFilter) -> Result<Vec<Total>, StoreError> {
        self.reporting
            .with(|connection| all(connection, &sql::donations::totals(filter), row_decode::total))
    }

    async fn confirm(&self, donations: &[ObjectId], now: UnixSeconds) -> Result<(), StoreError> {
        let confirm = sql::reconciling::confirm(donations, now);
        self.write(Write::Now, |connection| run(connection, &confirm).map(drop))
    }

    async fn check_ledger(&self, limit: u32) -> Result<Vec<ObjectId>, StoreError> {
        let check = sql::keep::check(limit);
        self.reporting.with(|connection| all(connection, &check, row_decode::object_id))
    }

    async fn repair_ledger(&self, ids: &[ObjectId]) -> Result<(), StoreError> {
        self.write(Write::Now, |connection| run_all(connection, &sql::keep::repair(ids)).map(drop))
    }
}

#[async_trait]
impl Alerts for SqliteStore {
    async fn raise(&self, changes: &[AlertChange], now: UnixSeconds) -> Result<(), StoreError> {
        self.write(Write::Beside, |connection| {
            for change in changes {
                run(connection, &sql::alerts::write(change, now)?)?;
            }
            Ok(())
        })
    }

    async fn alerts(&self, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        self.reporting
            .with(|connection| all(connection, &sql::alerts::list(limit), row_decode::alert))
    }

    async fn lease_notification(
        &self,
        channel: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedNotification>, StoreError> {
        let [due, leased] = sql::alerts::claim(channel, lease, now);
        self.write(Write::Beside, |connection| {
            let Some(notification) = first(connection, &due, row_decode::notification)? else {
                return Ok(None);
            };
            let lease = |row: &dyn Row| {
                Ok((Lease(row_decode::integer(row, 0)?), row_decode::count(row, 1)?))
            };
            let (lease, attempts) = one(connection, &leased, lease)?;
            Ok(Some(LeasedNotification { notification, lease, attempts }))
        })
    }

    async fn finish_notification(
        &self,
        channel: &str,
        outcome: &NotificationOutcome,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let finished = sql::alerts::finish(channel, outcome, now);
        self.write(Write::Beside, |connection| run(connection, &finished).map(drop))
    }
}

#[async_trait]
impl Jobs for SqliteStore {
    async fn lease_job(
        &self,
        job: &str,
        lease: SignedDuration,
        now: UnixSeconds,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let begin = sql::reconciling::lease_job(job, lease, now);
        self.write(Write::Now, |connection| first(connection, &begin, row_decode::begun))
    }

    async fn save_job(
        &self,
        job: &str,
        lease: Lease,
        position: &str,
        due_at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let keep = sql::reconciling::save_job(job, lease, position, due_at);
        self.write(Write::Now, |connection| run(connection, &keep).map(written))
    }

    async fn job_state(&self, job: &str) -> Result<Option<String>, StoreError> {
        let position = sql::reconciling::job_state(job);
        let kept = |row: &dyn Row| row.text(0).map(|it| it.map(ToOwned::to_owned));
        self.reading.with(|connection| first(connection, &position, kept)).map(Option::flatten)
    }

    async fn spend(&self, reads: u32, now: UnixSeconds) -> Result<u64, StoreError> {
        let spent = sql::reconciling::spent(now);
        let tell =
            |connection: &Connection| one(connection, &spent, |row| row_decode::count(row, 0));
        if reads == 0 {
            return self.reading.with(tell);
        }
        self.write(Write::Now, |connection| {
            run_all(connection, &sql::reconciling::spend(reads, now))?;
            tell(connection)
        })
    }

    async fn awaiting_object(
        &self,
        limit: u32,
        now: UnixSeconds,
    ) -> Result<Vec<AwaitingObject>, StoreError> {
        let awaiting = sql::fetching::awaiting_object(limit, now);
        self.reading.with(|connection| all(connection, &awaiting, row_decode::awaiting_object))
    }

    async fn postpone_fetch(
        &self,
        event: &EventId,
        at: UnixSeconds,
    ) -> Result<Written, StoreError> {
        let postpone = sql::fetching::postpone(event, at);
        self.write(Write::Now, |connection| run(connection, &postpone).map(written))
    }

    async fn prune(&self, before: UnixSeconds, limit: u32) -> Result<u64, StoreError> {
        self.write(Write::Now, |connection| {
            let changed = run_all(connection, &sql::inbox::prune(before, limit))?;
            let [_alerts, _notifications, _hours, events, _rolled_up] = *changed else {
                return Err(StoreError::Corrupt);
            };
            Ok(events)
        })
    }

    async fn prunable(&self, before: UnixSeconds) -> Result<u64, StoreError> {
        let prunable = sql::inbox::prunable(before);
        self.reporting
            .with(|connection| one(connection, &prunable, |row| row_decode::count(row, 0)))
    }
}

#[async_trait]
impl Reports for SqliteStore {
    async fn file_report(&self, report: &Report) -> Result<u64, StoreError> {
        let file = sql::reconciling::file_report(report)?;
        self.write(Write::Now, |connection| one(connection, &file, |row| row_decode::count(row, 0)))
    }

    async fn reports(
        &self,
        number: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Report)>, StoreError> {
        let reports = sql::reconciling::reports(number, limit);
        self.reporting.with(|connection| all(connection, &reports, row_decode::report))
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.reading.with(|connection| one(connection, &sql::inbox::backlog(), row_decode::backlog))
    }

    async fn delivery_history(&self, since: UnixSeconds) -> Result<DeliveryHistory, StoreError> {
        loop {
            let [add, mark, tell] = sql::hours::delivery_history(since);
            let (past, more) = self.write(Write::Beside, |connection| {
                run_all(connection, &[add, mark])?;
                one(connection, &tell, row_decode::delivery_history)
            })?;
            if !more {
                return Ok(past);
            }
            thread::sleep(GIVE_WAY);
        }
    }
}

fn record(
    connection: &Connection,
    entry: &Entry,
    now: UnixSeconds,
) -> Result<Recorded, StoreError> {
    if run(connection, &sql::inbox::record(entry))? == 0 {
        return Ok(Recorded::Duplicate);
    }
    run_all(connection, &sql::inbox::follow(entry, now)?)?;
    Ok(Recorded::New(entry.event().state))
}

/// Runs statements one after another; tells how many rows each has changed.
fn run_all(connection: &Connection, statements: &[Statement<'_>]) -> Result<Vec<u64>, StoreError> {
    statements.iter().map(|it| run(connection, it)).collect()
}

/// What a write came to that has changed so many rows.
fn written(rows: u64) -> Written {
    if rows > 0 { Written::Applied } else { Written::Stale }
}
