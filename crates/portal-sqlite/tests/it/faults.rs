//! Faults: each has its own error, loses no acknowledged event, and the same store works again
//! afterwards.

use std::fs;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::home::{NEW, TestHome, ids, record};
use portal_contract::{UNREADABLE, at, block_on, broken, text};
use portal_domain::Recorded::Duplicate;
use portal_domain::{
    Alert, AlertChange, AlertFilter, Alerts as _, EnumWord, Inbox as _, Store, StoreError,
};
use portal_sqlite::SqliteStore;
use portal_sqlite::sql::SCHEMA_VERSION;

/// The time after which a write that has not ended counts as waiting.
const A_WHILE: Duration = Duration::from_millis(300);

/// A time that is longer than the store waits for a lock.
const LONG: Duration = Duration::from_secs(10);

type Damage = fn(&mut Vec<u8>);

#[test]
fn a_lock_that_is_let_go_soon_is_waited_for() {
    let home = TestHome::new();
    let store = home.store();
    let other = home.other_program();
    other.execute_batch("begin immediate").unwrap();
    let (answer, answered) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| answer.send(record(&store, &["evt_1"])).unwrap());
        assert_eq!(answered.recv_timeout(A_WHILE), Err(RecvTimeoutError::Timeout));
        other.execute_batch("commit").unwrap();
        assert_eq!(answered.recv_timeout(LONG), Ok(Ok(vec![NEW])));
    });
}

#[test]
fn a_lock_on_a_file_that_is_just_being_made_is_waited_for() {
    let home = TestHome::new();
    let other = home.other_program();
    other.execute_batch("begin immediate").unwrap();
    let (answer, answered) = mpsc::channel();
    thread::scope(|scope| {
        let open = || SqliteStore::open(&home.path()).and_then(|store| record(&store, &["evt_1"]));
        scope.spawn(move || answer.send(open()).unwrap());
        assert_eq!(answered.recv_timeout(A_WHILE), Err(RecvTimeoutError::Timeout));
        other.execute_batch("commit").unwrap();
        assert_eq!(answered.recv_timeout(LONG), Ok(Ok(vec![NEW])));
    });
}

#[test]
fn a_lock_that_is_held_on_is_busy() {
    let home = TestHome::new();
    let store = home.store();
    let other = home.other_program();
    other.execute_batch("begin immediate").unwrap();
    let (answer, answered) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| answer.send(record(&store, &["evt_1"])).unwrap());
        assert_eq!(answered.recv_timeout(LONG), Ok(Err(StoreError::Busy)));
    });
    assert_eq!(ids(&store), Ok(vec![]), "reading needs no lock");
    assert_eq!(block_on(store.ping(at(0))), Err(StoreError::Busy));

    other.execute_batch("commit").unwrap();
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]));
    assert_eq!(block_on(store.ping(at(0))), Ok(None));
}

#[test]
fn a_database_that_was_moved_away_is_missing_until_it_is_back() {
    let (home, elsewhere) = (TestHome::new(), TestHome::new());
    let store = home.store();
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]));

    move_all(&home, &elsewhere);
    for _ in 0..2 {
        assert_eq!(record(&store, &["evt_2"]), Err(StoreError::Missing));
        assert_eq!(block_on(store.ping(at(0))), Err(StoreError::Missing));
        assert_eq!(block_on(store.event(&text("evt_1"))), Err(StoreError::Missing));
        assert_eq!(ids(&store), Err(StoreError::Missing));
    }
    assert!(home.files().is_empty(), "nothing is made in its place: {:?}", home.files());

    move_all(&elsewhere, &home);
    assert_eq!(record(&store, &["evt_1", "evt_2"]), Ok(vec![Duplicate, NEW]));
    assert_eq!(ids(&store), Ok(vec!["evt_2".into(), "evt_1".into()]));
}

#[test]
fn a_file_that_was_moved_without_its_log_has_lost_nothing_when_it_is_back() {
    let home = TestHome::new();
    let store = home.store();
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]));

    let aside = home.path().with_extension("aside");
    fs::rename(home.path(), &aside).unwrap();
    assert_eq!(record(&store, &["evt_2"]), Err(StoreError::Missing));
    assert_eq!(record(&store, &["evt_2"]), Err(StoreError::Missing));

    fs::rename(&aside, home.path()).unwrap();
    assert_eq!(record(&store, &["evt_2"]), Ok(vec![NEW]));
    assert_eq!(ids(&store), Ok(vec!["evt_2".into(), "evt_1".into()]));
}

#[test]
fn a_file_that_was_replaced_is_missing_and_then_the_new_one_is_used() {
    let (home, elsewhere, backup) = (TestHome::new(), TestHome::new(), TestHome::new());
    assert_eq!(record(&backup.store(), &["evt_1"]), Ok(vec![NEW]));
    let store = home.store();
    assert_eq!(record(&store, &["evt_1", "evt_2"]), Ok(vec![NEW, NEW]));

    move_all(&home, &elsewhere);
    move_all(&backup, &home);
    assert_eq!(record(&store, &["evt_3"]), Err(StoreError::Missing));
    assert_eq!(record(&store, &["evt_3"]), Ok(vec![NEW]));
    assert_eq!(ids(&store), Ok(vec!["evt_3".into(), "evt_1".into()]));
    let replaced = ids(&elsewhere.store());
    assert_eq!(replaced, Ok(vec!["evt_2".into(), "evt_1".into()]), "what was replaced is whole");
}

#[test]
fn an_empty_file_in_its_place_is_no_database_and_stays_empty() {
    let (home, elsewhere) = (TestHome::new(), TestHome::new());
    let store = home.store();
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]));

    move_all(&home, &elsewhere);
    fs::write(home.path(), "").unwrap();
    for _ in 0..2 {
        assert_eq!(record(&store, &["evt_2"]), Err(StoreError::Missing));
    }
    assert_eq!(fs::read(home.path()).unwrap(), b"");

    move_all(&elsewhere, &home);
    assert_eq!(record(&store, &["evt_1", "evt_2"]), Ok(vec![Duplicate, NEW]));
}

#[test]
fn a_file_that_is_moved_away_while_a_write_waits_is_missing() {
    let home = TestHome::new();
    let store = home.store();
    let other = home.other_program();
    other.execute_batch("begin immediate").unwrap();
    let (answer, answered) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| answer.send(record(&store, &["evt_1"])).unwrap());
        assert_eq!(answered.recv_timeout(A_WHILE), Err(RecvTimeoutError::Timeout));
        fs::rename(home.path(), home.path().with_extension("aside")).unwrap();
        other.execute_batch("commit").unwrap();
        assert_eq!(answered.recv_timeout(LONG), Ok(Err(StoreError::Missing)));
    });
}

#[test]
fn a_log_that_was_removed_is_missing_and_costs_nothing() {
    let home = TestHome::new();
    let store = home.store();
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]));

    fs::remove_file(home.path().with_extension("db-wal")).unwrap();
    assert_eq!(record(&store, &["evt_2"]), Err(StoreError::Missing));

    assert_eq!(record(&store, &["evt_2"]), Ok(vec![NEW]));
    let after_a_crash = ids(&home.copy().store());
    assert_eq!(after_a_crash, Ok(vec!["evt_2".into(), "evt_1".into()]));
}

#[test]
fn a_file_that_is_not_there_cannot_be_read() {
    let home = TestHome::new();
    assert_eq!(SqliteStore::open_to_read(&home.path()).err(), Some(StoreError::Missing));
    assert!(home.files().is_empty(), "reading makes no file: {:?}", home.files());
}

#[test]
fn a_damaged_file_is_corrupt_until_the_good_one_is_back() {
    let damages: [(&str, Damage); 3] = [
        ("its header", |bytes| bytes[..100].fill(0xd0)),
        ("all but its first page", |bytes| {
            let page_size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
            bytes[page_size..].fill(0xd0);
        }),
        ("its second half is gone", |bytes| {
            bytes.truncate(bytes.len() / 2);
        }),
    ];
    for (what, damage) in damages {
        let home = TestHome::new();
        let store = home.store();
        let before: Vec<String> = (0..300).map(|n| format!("evt_{n}")).collect();
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        assert_eq!(record(&store, &before), Ok(vec![NEW; before.len()]));
        // A write of another program makes the store read the file again instead of its cache.
        let write = "update event set livemode = livemode; pragma wal_checkpoint(truncate)";
        home.other_program().execute_batch(write).unwrap();

        let good = fs::read(home.path()).unwrap();
        let mut bad = good.clone();
        damage(&mut bad);
        fs::write(home.path(), bad).unwrap();
        for _ in 0..2 {
            assert_eq!(record(&store, &["evt_new"]), Err(StoreError::Corrupt), "{what}");
            assert_eq!(ids(&store), Err(StoreError::Corrupt), "{what}");
        }

        fs::write(home.path(), good).unwrap();
        assert_eq!(record(&store, &["evt_new"]), Ok(vec![NEW]), "{what}");
        assert_eq!(ids(&store).map(|ids| ids.len()), Ok(before.len() + 1), "{what}");
    }
}

#[test]
fn a_row_that_this_service_never_wrote_is_corrupt_and_hinders_no_other() {
    let home = TestHome::new();
    let store = home.store();
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]));
    let other = home.other_program();
    let id = text("evt_1");

    for (column, bad, good) in UNREADABLE {
        let set = |value| other.execute_batch(&format!("update event set {column} = {value}"));
        set(bad).unwrap();
        assert_eq!(ids(&store), Err(StoreError::Corrupt), "{column}");
        assert_eq!(block_on(store.ping(at(0))), Ok(None), "{column}");
        set(good).unwrap();
        assert!(block_on(store.event(&id)).unwrap().is_some(), "{column}");
    }
}

#[test]
fn a_store_that_lacks_a_table_which_deliveries_write_is_not_ready() {
    for table in ["event", "payment", "link", "invoice", "refund", "dispute", "alert"] {
        let home = TestHome::new();
        let store = home.store();
        let other = home.other_program();
        other.execute_batch(&format!("alter table {table} rename to {table}_lost")).unwrap();
        let answer = block_on(store.ping(at(0)));
        let told = format!("no such table: {table}");
        assert!(
            matches!(&answer, Err(StoreError::Failed(text)) if text.contains(&told)),
            "{answer:?}"
        );
        other.execute_batch(&format!("alter table {table}_lost rename to {table}")).unwrap();
        assert_eq!(block_on(store.ping(at(0))), Ok(None), "{table}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let home = TestHome::new();
    fs::write(home.path(), "Dear diary, ".repeat(1000)).unwrap();
    is_refused(&home, &StoreError::Corrupt, "a text");
}

#[test]
fn the_database_of_some_other_program_is_refused_and_left_alone() {
    for marks in [
        "pragma application_id = 7; pragma user_version = 0",
        "pragma application_id = 7; pragma user_version = 1",
        "pragma application_id = 0; pragma user_version = 1",
        "pragma application_id = 0; pragma user_version = 99",
        "pragma application_id = -7; pragma user_version = 0",
        "pragma application_id = 0; pragma user_version = -1",
        // Most programs leave these values so.
        "pragma application_id = 0; pragma user_version = 0",
    ] {
        let home = TestHome::new();
        let other = home.other_program();
        other.execute_batch("create table address_book (name text)").unwrap();
        other.execute_batch(marks).unwrap();
        other.close().unwrap();
        is_refused(&home, &StoreError::Corrupt, marks);
    }
}

#[test]
fn an_empty_file_becomes_a_database_but_cannot_be_read_before() {
    let home = TestHome::new();
    fs::write(home.path(), "").unwrap();
    assert_eq!(SqliteStore::open_to_read(&home.path()).err(), Some(StoreError::Missing));
    assert_eq!(record(&home.store(), &["evt_1"]), Ok(vec![NEW]));
}

#[test]
fn a_newer_schema_is_too_new_until_the_older_one_is_back() {
    let (home, elsewhere) = (TestHome::new(), TestHome::new());
    let known = SCHEMA_VERSION;
    let too_new = StoreError::TooNew { found: 99, known };
    let store = home.store();
    assert_eq!(record(&store, &["evt_1"]), Ok(vec![NEW]));

    move_all(&home, &elsewhere);
    assert_eq!(record(&store, &["evt_2"]), Err(StoreError::Missing));
    elsewhere.other_program().pragma_update(None, "user_version", 99).unwrap();
    move_all(&elsewhere, &home);
    for _ in 0..2 {
        assert_eq!(record(&store, &["evt_2"]), Err(too_new.clone()));
    }
    is_refused(&home, &too_new, "version 99");

    home.other_program().pragma_update(None, "user_version", known).unwrap();
    assert_eq!(record(&store, &["evt_2"]), Ok(vec![NEW]));
    assert_eq!(ids(&store), Ok(vec!["evt_2".into(), "evt_1".into()]));
}

#[test]
fn what_is_open_to_read_is_read_only_and_still_reads() {
    let home = TestHome::new();
    assert_eq!(record(&home.store(), &["evt_1"]), Ok(vec![NEW]));
    let reader = SqliteStore::open_to_read(&home.path()).unwrap();
    assert_eq!(record(&reader, &["evt_2"]), Err(StoreError::ReadOnly));
    assert_eq!(block_on(reader.ping(at(0))), Err(StoreError::ReadOnly));
    assert_eq!(ids(&reader), Ok(vec!["evt_1".into()]));
}

#[test]
fn a_batch_that_fails_midway_leaves_nothing() {
    let home = TestHome::new();
    let store = home.store();
    let other = home.other_program();
    let refuse = "create trigger refuse before insert on event when new.id = 'evt_3'
                  begin select raise(abort, 'refused'); end";
    other.execute_batch(refuse).unwrap();
    let failed = record(&store, &["evt_1", "evt_2", "evt_3", "evt_4"]);
    assert!(matches!(failed, Err(StoreError::Failed(_))), "{failed:?}");
    assert_eq!(ids(&store), Ok(vec![]));

    other.execute_batch("drop trigger refuse").unwrap();
    assert_eq!(record(&store, &["evt_1", "evt_2", "evt_3"]), Ok(vec![NEW; 3]));
}

#[test]
fn a_batch_whose_changes_fail_leaves_nothing() {
    where_the_ledger_is_broken(broken::a_batch_whose_changes_fail_leaves_nothing);
}

#[test]
fn an_event_whose_changes_fail_is_recorded_dead_between_its_neighbours() {
    where_the_ledger_is_broken(
        broken::an_event_whose_changes_fail_is_recorded_dead_between_its_neighbours,
    );
}

#[test]
fn an_event_whose_changes_fail_stays_dead_between_its_neighbours() {
    where_the_ledger_is_broken(
        broken::an_event_whose_changes_fail_stays_dead_between_its_neighbours,
    );
}

/// Runs a case on a store whose ledger refuses one payment.
fn where_the_ledger_is_broken(case: impl AsyncFnOnce(&dyn Store)) {
    let home = TestHome::new();
    let store = home.store();
    let (id, broken) = (broken::BROKEN, "begin select raise(abort, 'broken'); end");
    let when = format!("create trigger broken before insert on payment when new.id = '{id}'");
    home.other_program().execute_batch(&format!("{when} {broken}")).unwrap();
    block_on(case(&store));
}

/// Asserts that the database at `home` is neither written nor read, with the error `why`.
fn is_refused(home: &TestHome, why: &StoreError, what: &str) {
    let before = fs::read(home.path()).unwrap();
    assert_eq!(SqliteStore::open(&home.path()).err().as_ref(), Some(why), "{what}");
    assert_eq!(SqliteStore::open_to_read(&home.path()).err().as_ref(), Some(why), "{what}");
    assert!(fs::read(home.path()).unwrap() == before, "{what}: the file was changed");
}

/// Moves the database with its write-ahead log and index.
fn move_all(from: &TestHome, to: &TestHome) {
    for file in from.files() {
        fs::rename(&file, to.path().with_file_name(file.file_name().unwrap())).unwrap();
    }
}

#[test]
fn what_is_kept_wrongly_is_found_and_repaired() {
    let home = TestHome::new();
    let (store, other) = (home.store(), home.other_program());
    let damage = |sql: &str| other.execute_batch(sql).unwrap();
    block_on(broken::what_is_kept_wrongly_is_found_and_repaired(&store, damage));
}

#[test]
fn no_database_is_made_beside_a_log_without_one() {
    for left in ["donations.db-wal", "donations.db-journal"] {
        let folder = tempfile::tempdir().unwrap();
        let content = b"a log";
        fs::write(folder.path().join(left), content).unwrap();
        let path = folder.path().join("donations.db");
        assert_eq!(SqliteStore::open(&path).err(), Some(StoreError::Missing), "{left}");
        assert!(!path.exists(), "{left}");
        assert_eq!(fs::read(folder.path().join(left)).unwrap(), content, "{left}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "no database").unwrap();
    let path = folder.path().join("donations.db");
    fs::write(&path, "").unwrap();
    assert!(SqliteStore::open(&path).is_ok());
}

#[test]
fn a_new_database_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("donations.db"));
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.file_name());
    }
    drop(store);
}

/// Zeroes pages of a table in the middle of the file, as a failing disk does.
fn damage(path: &std::path::Path) {
    use std::os::unix::fs::FileExt as _;
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("pragma wal_checkpoint(truncate)").unwrap();
    let root: u64 = connection
        .query_row("select rootpage from sqlite_schema where name = 'event'", [], |row| row.get(0))
        .unwrap();
    drop(connection);
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&[0; 4096], (root - 1) * 4096).unwrap();
}

#[test]
fn a_damaged_database_is_not_ready_until_it_is_proved_whole() {
    let home = TestHome::new();
    let store = SqliteStore::open(&home.path()).unwrap();
    record(&store, &["evt_1"]).unwrap();
    drop(store);
    let whole = fs::read(home.path()).unwrap();
    damage(&home.path());
    let store = SqliteStore::open(&home.path()).unwrap();
    let outage = Alert::StoreUnavailable {
        reason: EnumWord::new("store_corrupt").unwrap(),
        began_at: at(1),
        refused: 1,
        free_bytes: None,
    };
    let raise = |change| block_on(store.raise(&[change], at(1)));
    assert_eq!(raise(AlertChange::Raise(outage.clone())), Ok(()));
    assert_eq!(record(&store, &["evt_2"]).err(), Some(StoreError::Corrupt));
    assert_eq!(block_on(store.ping(at(1))), Err(StoreError::Corrupt));
    // Alerts are in a table that is whole. The end waits for the proof.
    assert_eq!(raise(AlertChange::Resolve(outage.key())), Ok(()));
    assert!(block_on(store.alerts(AlertFilter::All, 1)).unwrap()[0].open);
    assert_eq!(portal_sqlite::quick_check(&home.path()), Err(StoreError::Corrupt));
    drop(store);
    fs::write(home.path(), whole).unwrap();
    assert_eq!(portal_sqlite::quick_check(&home.path()), Ok(()));
}
