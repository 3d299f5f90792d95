//! A database that an older version of this service has filled.

#![expect(clippy::unwrap_used, reason = "a database that cannot be made fails the test")]

use std::path::PathBuf;

use portal_domain::Recorded::Duplicate;
use portal_domain::settle::settle_due;
use portal_domain::{
    Backlog, Event, IgnoredReason, Payload, Remedy, Selection, Settled, State, Store as _,
    StoreError, Supplied,
};
use portal_sqlite::SqliteStore;
use portal_sqlite::sql::MIGRATIONS;
use portal_store_suite::stripe::{NEW, charge, told};
use portal_store_suite::{an_event, at, batch, block_on, everything};
use rusqlite::{Connection, params};
use tempfile::TempDir;

/// `DONA`, as the first version wrote it.
const OWNER: u32 = 0x444f_4e41;

#[test]
fn events_of_the_first_version_are_kept_and_settled() {
    let (folder, events) = of_the_first_version();
    let store = SqliteStore::open(&path(&folder)).unwrap();

    let waiting = Event { state: State::Waiting, ..events[2].clone() };
    let mut kept = [events[0].clone(), events[1].clone(), waiting, events[3].clone()];
    kept.reverse();
    assert_eq!(block_on(store.events(&everything())), Ok(kept.to_vec()));
    // Overdue since they came, and not since 1970.
    let now = at(1_760_000_100);
    let backlog = Backlog { pending: 2, overdue_seconds: 98, dead: 0, waiting: 1 };
    assert_eq!(block_on(store.backlog(now)), Ok(backlog));

    assert_eq!(block_on(settle_due(&store, 10, now, 0)).unwrap().len(), 2);
    let donations = block_on(store.donations(&Default::default(), None, 10)).unwrap();
    let seen: Vec<_> = donations.iter().map(|it| (it.id.as_str(), it.amount)).collect();
    assert_eq!(seen, [("pi_1", 3000)]);
    assert_eq!(block_on(store.record(&batch(events))), Ok(vec![Duplicate; 4]));
    assert_eq!(block_on(settle_due(&store, 10, now, 0)).unwrap(), []);
}

#[test]
fn a_migrated_database_is_as_good_as_a_new_one() {
    let (folder, _) = of_the_first_version();
    drop(SqliteStore::open(&path(&folder)).unwrap());
    let new = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(&path(&new)).unwrap());
    assert_eq!(schema(&folder), schema(&new));

    let store = SqliteStore::open(&path(&folder)).unwrap();
    let all = Selection::default();
    assert_eq!(block_on(store.apply(Remedy::Retry, &all, at(1_760_000_100))), Ok(2));
    assert_eq!(block_on(store.prunable(at(2_000_000_000))), Ok(1));
}

#[test]
fn who_only_reads_asks_for_a_migration_first() {
    let (folder, _) = of_the_first_version();
    let refused = SqliteStore::open_to_read(&path(&folder)).err();
    let needed = u32::try_from(MIGRATIONS.len()).unwrap();
    assert_eq!(refused, Some(StoreError::TooOld { found: 1, needed }));
    drop(SqliteStore::open(&path(&folder)).unwrap());
    assert!(SqliteStore::open_to_read(&path(&folder)).is_ok());
}

/// What it writes knows nothing of what is new, and is found by it all the same.
#[test]
fn a_program_of_an_older_version_goes_on_beside_a_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&path(&folder)).unwrap();
    let older = Connection::open(path(&folder)).unwrap();
    let thin = Event { payload: Payload::Thin, facts: None, ..an_event("evt_1") };
    let thin = Event { state: State::Waiting, ..thin };
    insert(&older, &thin);
    assert_eq!(block_on(store.waiting(10, at(0))), Ok(vec![thin.clone()]));

    let later = Supplied::Later { at: at(2_000_000_000) };
    assert_eq!(block_on(store.supply(&thin.id, &later, at(0))), Ok(Settled::Applied));
    for state in ["ignored", "waiting"] {
        older.execute("update event set state = ?1", [state]).unwrap();
    }
    assert_eq!(block_on(store.waiting(10, at(0))), Ok(vec![thin]));
}

/// A gift, its charge, a thin event, which that version kept as pending, and an ignored one.
fn of_the_first_version() -> (TempDir, Vec<Event>) {
    let folder = tempfile::tempdir().unwrap();
    let database = Connection::open(path(&folder)).unwrap();
    database.execute_batch(MIGRATIONS[0]).unwrap();
    database.pragma_update(None, "application_id", OWNER).unwrap();
    database.pragma_update(None, "user_version", 1).unwrap();
    let charge = charge("ch_1", "pi_1", "succeeded").with("amount_captured", 3000);
    let thin = Event { payload: Payload::Thin, facts: None, ..an_event("evt_3") };
    let ignored = State::Ignored(IgnoredReason::UnknownType);
    let events = vec![
        an_event("evt_1"),
        Event {
            received_at: at(1_760_000_005),
            ..told(NEW, 0, "charge.succeeded", charge).known_as("evt_2").event()
        },
        Event { api_version: None, ..thin },
        Event { state: ignored, facts: None, ..an_event("evt_4") },
    ];
    for event in &events {
        insert(&database, event);
    }
    (folder, events)
}

fn insert(database: &Connection, event: &Event) {
    let sql = "insert into event (id, payload, type, created, livemode, api_version, object_id, \
               facts, state, reason, origin, received_at) \
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let facts = event.facts.as_ref().map(|it| serde_json::to_string(it).unwrap());
    let values = params![
        event.id.as_str(),
        event.payload.name(),
        event.event_type.as_str(),
        event.created.get(),
        event.livemode,
        event.api_version.as_ref().map(|it| it.as_str()),
        event.object_id.as_ref().map(|it| it.as_str()),
        facts,
        event.state.name(),
        event.state.reason(),
        event.origin.name(),
        event.received_at.get(),
    ];
    assert_eq!(database.execute(sql, values).unwrap(), 1);
}

fn schema(folder: &TempDir) -> Vec<String> {
    let database = Connection::open(path(folder)).unwrap();
    let sql = "select coalesce(sql, name) from sqlite_schema order by name";
    let mut select = database.prepare(sql).unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("donations.db")
}
