//! `backup`.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_with, record};
use crate::cli::{assert_done, assert_failed};
use crate::support::Result;
use crate::support::event::payment;
use crate::support::home::{PROGRAM, Said, TestHome, finish};

fn home() -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    home_with(&[gift("pi_1", 5000, "jpy", at), gift("pi_2", 500, "usd", at)])
}

/// Runs a command on the backup.
fn on_copy(home: &TestHome, args: &[&str]) -> Result<Said> {
    let url = format!("sqlite://{}", home.path("copy.db").display());
    finish(home.configured(PROGRAM, args).env("DATABASE_URL", url))
}

fn backup(home: &TestHome) -> Result<Said> {
    home.run(&["backup", "--to", "copy.db"])
}

#[test]
fn a_backup_is_a_database_that_can_be_used() -> Result {
    let home = home()?;
    let said = backup(&home)?;
    assert_done(&said);
    assert!(said.stdout.starts_with("copy.db: "), "{}", said.stdout);
    assert!(said.stdout.ends_with(" KiB, 2 events, 2 payments\n"), "{}", said.stdout);
    let mode = fs::metadata(home.path("copy.db"))?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for command in [
        &["events", "list", "--format", "json"][..],
        &["donations", "list", "--format", "json"],
        &["donations", "totals", "--format", "json"],
    ] {
        let copied = on_copy(&home, command)?;
        assert_done(&copied);
        assert_eq!(copied.stdout, home.run(command)?.stdout);
        assert_ne!(copied.stdout, "");
    }
    assert_done(&on_copy(&home, &["migrate"])?);
    assert_done(&on_copy(&home, &["events", "retry", "--state", "processed", "--yes"])?);
    assert!(!home.path("copy.db.partial").exists());
    Ok(())
}

#[test]
fn a_running_server_is_backed_up_with_all_that_it_acknowledged() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    for number in 0..20 {
        assert_eq!(server.deliver(payment(&format!("evt_{number}")))?.status, 200);
    }
    // The backup does not wait for an open transaction, and does not have its rows.
    let writer = Connection::open(home.database())?;
    writer.execute_batch("begin immediate; delete from event")?;
    let said = backup(&home)?;
    assert_done(&said);
    assert!(said.stdout.contains(" 20 events, "), "{}", said.stdout);
    writer.execute_batch("rollback")?;
    assert_eq!(server.deliver(payment("evt_later"))?.status, 200);
    assert_eq!(on_copy(&home, &["events", "list", "--format", "json"])?.stdout.lines().count(), 20);
    Ok(())
}

#[test]
fn a_backup_beside_a_busy_writer_is_of_one_moment() -> Result {
    let home = home()?;
    let many: Vec<_> = (0..5000).map(|it| gift(&format!("pi_a{it}"), 1, "jpy", 1)).collect();
    record(&home, &many, MIDNIGHT_IN_TOKYO)?;
    let done = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        let writer = scope.spawn(|| -> Result {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) {
                let two = [0, 1].map(|it| gift(&format!("pi_b{}", number + it), 1, "jpy", 1));
                record(&home, &two, MIDNIGHT_IN_TOKYO)?;
                number += 2;
            }
            Ok(())
        });
        let said = backup(&home);
        done.store(true, Ordering::Relaxed);
        writer.join().map_err(|_| "the writer panicked")??;
        said
    })?;
    assert_done(&said);
    let url = home.path("copy.db");
    let copied: Vec<String> = Connection::open(url)?
        .prepare("select id from event order by seq")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    assert!(copied.len() >= 5002 && copied.len().is_multiple_of(2), "{}", copied.len());
    assert_eq!(copied, home.inbox()?[..copied.len()]);
    assert!(said.stdout.contains(&format!(", {} events,", copied.len())), "{}", said.stdout);
    Ok(())
}

#[test]
fn a_file_that_is_there_is_left_alone() -> Result {
    let home = home()?;
    fs::write(home.path("copy.db"), "mine")?;
    let said = backup(&home)?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("copy.db exists already"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(home.path("copy.db"))?, "mine");
    let onto_itself = home.run(&["backup", "--to", "portal.db"])?;
    assert_failed(&onto_itself, 2);
    assert_eq!(home.inbox()?.len(), 2);
    Ok(())
}

#[test]
fn what_a_backup_left_behind_that_was_cut_off_hinders_nobody() -> Result {
    let home = home()?;
    fs::write(home.path("copy.db.partial"), "the first half")?;
    assert_done(&backup(&home)?);
    assert!(!home.path("copy.db.partial").exists());

    fs::remove_file(home.path("copy.db"))?;
    let other = File::create(home.path("copy.db.partial"))?;
    other.lock()?;
    let said = backup(&home)?;
    assert_failed(&said, 3);
    assert!(said.stderr.contains("another backup"), "{}", said.stderr);
    assert!(home.path("copy.db.partial").exists());
    Ok(())
}

#[test]
fn a_backup_that_fails_leaves_nothing_behind() -> Result {
    let home = home()?;
    let said = home.run(&["backup", "--to", "missing/copy.db"])?;
    assert_failed(&said, 3);
    assert!(said.stderr.contains("missing/copy.db"), "{}", said.stderr);

    // The damage is in the middle of the file.
    let writer = Connection::open(home.database())?;
    writer.execute_batch("pragma wal_checkpoint(truncate)")?;
    drop(writer);
    let mut bytes = fs::read(home.database())?;
    let middle = bytes.len() / 2;
    bytes[4096..middle].fill(0xff);
    fs::write(home.database(), bytes)?;
    assert_failed(&backup(&home)?, 3);
    let left = fs::read_dir(home.path(""))?.map(|it| Ok(it?.file_name().display().to_string()));
    let left: Vec<String> = left.collect::<Result<_>>()?;
    assert!(left.iter().all(|name| name.starts_with("portal.db")), "{left:?}");
    Ok(())
}

#[test]
fn a_database_of_the_first_version_can_be_backed_up_before_it_is_migrated() -> Result {
    let home = TestHome::new()?;
    let first = Connection::open(home.database())?;
    first.execute_batch(portal_sqlite::sql::MIGRATIONS[0])?;
    first.pragma_update(None, "application_id", 0x444f_4e41)?;
    first.pragma_update(None, "user_version", 1)?;
    drop(first);
    let said = backup(&home)?;
    assert_done(&said);
    assert!(said.stdout.ends_with(", 0 events, 0 payments\n"), "{}", said.stdout);
    assert_done(&on_copy(&home, &["migrate"])?);
    Ok(())
}

#[test]
fn a_backup_follows_no_link() -> Result {
    let home = home()?;
    fs::write(home.path("precious"), "precious")?;
    std::os::unix::fs::symlink(home.path("precious"), home.path("copy.db.partial"))?;
    let said = backup(&home)?;
    assert_failed(&said, 3);
    assert!(said.stderr.contains("something that is no file"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(home.path("precious"))?, "precious");
    assert!(!home.path("copy.db").exists());
    Ok(())
}
