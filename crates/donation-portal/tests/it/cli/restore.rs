//! `restore`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};

use rusqlite::Connection;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on};
use crate::support::Result;
use crate::support::event::payment;
use crate::support::home::{On, Said, TestHome};

/// Somebody else's id, for files.
const SOMEBODY: u32 = 4242;

fn home() -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    home_on(On::Sqlite, &[gift("pi_1", 5000, "jpy", at), gift("pi_2", 500, "usd", at)])
}

#[track_caller]
fn assert_done(said: &Said) {
    assert_eq!(said.code, Some(0), "{}", said.all());
}

/// Returns the names in the home's folder.
fn names(home: &TestHome) -> Result<Vec<String>> {
    let names = fs::read_dir(home.path(""))?.map(|it| Ok(it?.file_name().display().to_string()));
    let mut names: Vec<String> = names.collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn a_backup_takes_the_place_of_a_damaged_database() -> Result {
    home()?.replay("restore/a_damaged_database")
}

#[test]
fn what_is_no_backup_changes_nothing() -> Result {
    let home = home()?;
    let before = fs::read(home.database())?;
    home.replay("restore/what_is_no_backup")?;
    assert!(fs::read(home.database())? == before, "the database was changed");
    Ok(())
}

#[test]
fn while_a_server_runs_nothing_is_restored() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    assert_done(&home.run(&["backup", "--to", "backup.db"])?);
    assert_eq!(server.deliver(payment("evt_2"))?.status, 200);
    let said = home.run(&["restore", "backup.db"])?;
    assert_eq!(said.code, Some(3), "{}", said.all());
    assert!(said.stderr.contains(" has it open; stop the server"), "{}", said.stderr);
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    server.stop()?;
    assert_done(&home.run(&["restore", "backup.db"])?);
    assert_eq!(home.inbox()?, ["evt_1"]);
    let server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_2"))?.status, 200);
    assert_eq!(home.inbox()?, ["evt_1", "evt_2"]);
    Ok(())
}

/// After a server was killed its log stays. Beside a backup it would be taken for the backup's own.
#[test]
fn the_log_of_the_old_database_goes_with_it() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_1"))?.status, 200);
    assert_done(&home.run(&["backup", "--to", "backup.db"])?);
    for number in 2..50 {
        assert_eq!(server.deliver(payment(&format!("evt_{number}")))?.status, 200);
    }
    // Kills it.
    drop(server);
    assert!(fs::metadata(home.path("portal.db-wal"))?.len() > 0);
    assert_done(&home.run(&["restore", "backup.db"])?);
    assert_eq!(home.inbox()?, ["evt_1"]);
    let kept = names(&home)?.into_iter().find(|it| it.starts_with("portal.db.replaced-"));
    let kept = home.path(&kept.ok_or("nothing was kept")?);
    let old = Connection::open(kept.join("portal.db"))?;
    let events: u32 = old.query_row("select count(*) from event", [], |row| row.get(0))?;
    assert_eq!(events, 49);
    Ok(())
}

#[test]
fn where_there_was_nothing_nothing_is_kept() -> Result {
    let home = home()?;
    assert_done(&home.run(&["backup", "--to", "backup.db"])?);
    for name in names(&home)?.iter().filter(|it| it.starts_with("portal.db")) {
        fs::remove_file(home.path(name))?;
    }
    assert_done(&home.run(&["restore", "backup.db"])?);
    assert_eq!(names(&home)?, ["backup.db", "portal.db"]);
    assert_eq!(home.donations()?, ["pi_1", "pi_2"]);
    Ok(())
}

#[test]
fn a_restored_database_belongs_to_whose_folder_it_is() -> Result {
    let home = home()?;
    assert_done(&home.run(&["backup", "--to", "backup.db"])?);
    // Only root may give files away; without it both belong to the same user anyway.
    chown(home.path(""), Some(SOMEBODY), Some(SOMEBODY)).ok();
    assert_done(&home.run(&["restore", "backup.db"])?);
    let (folder, file) = (fs::metadata(home.path(""))?, fs::metadata(home.database())?);
    assert_eq!((file.uid(), file.gid()), (folder.uid(), folder.gid()));
    assert_eq!(file.mode() & 0o777, 0o600);
    Ok(())
}
