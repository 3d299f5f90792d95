//! The figures of a year, prepared beside requests and read as one row.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::{Offset, TimeZone};
use portal_contract::{FakeClock, Lossy, an_event, batch, block_on, facts, text};
use portal_domain::figures::{FIGURES_DAYS, FIGURES_JOB, Figures};
use portal_domain::{Event, FactsKind, Store, UnixSeconds};
use portal_service::FiguresJob;
use portal_sqlite::SqliteStore;

/// 2026-11-22T15:30:00Z, half an hour after midnight in Tokyo.
const BEGIN: i64 = 1_795_361_400;

const HOUR: i64 = 3600;

fn at(second: i64) -> UnixSeconds {
    UnixSeconds::new(BEGIN + second).unwrap()
}

/// Records a gift of 3,000 yen at that time.
fn given(store: &dyn Store, name: &str, second: i64) {
    let object = format!(
        r#"{{"id": "pi_{name}", "amount_received": 3000, "currency": "jpy", "status": "succeeded", "invoice": null}}"#
    );
    let event = Event {
        created: at(second),
        livemode: true,
        object_id: Some(text(&format!("pi_{name}"))),
        facts: Some(facts(FactsKind::PaymentIntent, &object)),
        ..an_event(&format!("evt_{name}"))
    };
    block_on(store.record(&batch([event]), at(second))).unwrap();
}

struct Home {
    store: Arc<dyn Store>,
    clock: FakeClock,
    job: FiguresJob,
    _folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&folder.path().join("inbox.db")).unwrap());
        let (clock, zone) = (FakeClock::default(), TimeZone::fixed(Offset::constant(9)));
        let every = SignedDuration::from_mins(10);
        let job = FiguresJob::new(Arc::clone(&store), Arc::new(clock.clone()), zone, every);
        Self { store, clock, job, _folder: folder }
    }

    /// Returns the figures after a tick at that time.
    fn at(&self, second: i64) -> Figures {
        self.clock.set(BEGIN + second);
        block_on(self.job.tick());
        block_on(Figures::read(&*self.store)).unwrap().unwrap()
    }
}

/// Returns the sums of the last days, the last first.
fn last(figures: &Figures, days: usize) -> Vec<i64> {
    let sum = |totals: &[portal_domain::Total]| totals.iter().map(|it| it.gross).sum();
    figures.days.iter().rev().take(days).map(|it| sum(&it.totals)).collect()
}

#[test]
fn a_donation_is_in_the_day_of_its_time_zone() {
    let home = Home::new();
    given(&*home.store, "today", 0);
    given(&*home.store, "yesterday", -HOUR);
    given(&*home.store, "the_day_before", -25 * HOUR);
    let figures = home.at(60);
    assert_eq!((figures.days.len(), figures.made_at), (FIGURES_DAYS, at(60)));
    assert_eq!(last(&figures, 4), [3000, 3000, 3000, 0]);
    let today = figures.days.last().unwrap();
    assert_eq!((today.since, today.until), (at(-HOUR / 2), at(-HOUR / 2 + 24 * HOUR)));
}

#[test]
fn figures_are_prepared_every_ten_minutes_where_events_come() {
    let home = Home::new();
    given(&*home.store, "a", 0);
    assert_eq!(last(&home.at(0), 1), [3000]);
    given(&*home.store, "b", 60);
    assert_eq!(last(&home.at(599), 1), [3000]);
    let figures = home.at(600);
    assert_eq!((last(&figures, 1), figures.made_at), (vec![6000], at(600)));
}

#[test]
fn where_nothing_comes_figures_are_prepared_once_a_day() {
    let home = Home::new();
    given(&*home.store, "a", 0);
    home.at(0);
    let leased = || block_on(home.store.jobs()).unwrap();
    let before = leased();
    for hour in 1..24 {
        assert_eq!(home.at(hour * HOUR - 1).made_at, at(0));
    }
    assert_eq!(leased(), before);
    assert_eq!(home.at(24 * HOUR).made_at, at(24 * HOUR));
    assert_eq!(home.at(47 * HOUR).made_at, at(24 * HOUR));
}

/// A refund lowers the day of its gift, however long ago; by the next day the figures have it.
#[test]
fn a_day_that_was_is_added_up_again_each_day() {
    let home = Home::new();
    given(&*home.store, "old", -10 * 24 * HOUR);
    assert_eq!(last(&home.at(0), 11)[10], 3000);
    given(&*home.store, "late", -10 * 24 * HOUR + 60);
    assert_eq!(last(&home.at(HOUR), 11)[10], 3000);
    given(&*home.store, "new", 24 * HOUR);
    let figures = home.at(25 * HOUR);
    assert_eq!((last(&figures, 12)[11], last(&figures, 1)), (6000, vec![3000]));
}

#[test]
fn a_process_whose_store_fails_tries_again() {
    let home = Home::new();
    given(&*home.store, "a", 0);
    let lossy = Lossy::new(Arc::clone(&home.store));
    lossy.plan(portal_contract::Call::Fails(portal_domain::StoreError::Busy));
    let (zone, every) = (TimeZone::UTC, SignedDuration::from_mins(10));
    let job = FiguresJob::new(Arc::new(lossy), Arc::new(home.clock.clone()), zone, every);
    home.clock.set(BEGIN);
    block_on(job.tick());
    assert_eq!(block_on(home.store.job_state(FIGURES_JOB)), Ok(None));
    block_on(job.tick());
    assert!(block_on(Figures::read(&*home.store)).unwrap().is_some());
}
