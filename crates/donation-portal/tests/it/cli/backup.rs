//! `backup`.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, gift, home_on, record};
use crate::support::Result;
use crate::support::event::payment;
use crate::support::home::{On, TestHome};

transcripts! { "backup", once;
    home =>
        a_backup_is_a_database_that_can_be_used
        a_file_that_is_there_is_left_alone
        what_a_backup_left_behind_that_was_cut_off_hinders_nobody
        a_backup_follows_no_link
        where_there_is_no_folder_nothing_is_backed_up;
    damaged =>
        a_backup_that_fails_leaves_nothing_behind;
    first_version =>
        a_database_of_the_first_version_can_be_backed_up_before_it_is_migrated;
}

fn home() -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    home_on(On::Sqlite, &[gift("pi_1", 5000, "jpy", at), gift("pi_2", 500, "usd", at)])
}

/// Returns a home with a database that has the damage in the middle of the file.
fn damaged() -> Result<TestHome> {
    let home = home()?;
    Connection::open(home.database())?.execute_batch("pragma wal_checkpoint(truncate)")?;
    let mut bytes = fs::read(home.database())?;
    let middle = bytes.len() / 2;
    bytes[4096..middle].fill(0xff);
    fs::write(home.database(), bytes)?;
    Ok(home)
}

fn first_version() -> Result<TestHome> {
    let home = TestHome::new()?;
    let first = Connection::open(home.database())?;
    first.execute_batch(portal_sqlite::sql::MIGRATIONS[0])?;
    first.pragma_update(None, "application_id", 0x444f_4e41)?;
    first.pragma_update(None, "user_version", 1)?;
    Ok(home)
}

#[test]
fn a_running_server_is_backed_up_with_all_that_it_acknowledged() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    for number in 0..20 {
        assert_eq!(server.deliver(payment(&format!("evt_{number}")))?.status, 200);
    }
    // The backup does not wait for an open transaction, and does not have its rows. It cannot be
    // recorded beside it, and says so.
    let writer = Connection::open(home.database())?;
    writer.execute_batch("begin immediate; delete from event")?;
    home.replay("backup/a_running_server_is_backed_up_with_all_that_it_acknowledged")?;
    writer.execute_batch("rollback")?;
    assert_eq!(server.deliver(payment("evt_later"))?.status, 200);
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
        let said = home.run(&["backup", "--to", "copy.db"]);
        done.store(true, Ordering::Relaxed);
        writer.join().map_err(|_| "the writer panicked")??;
        said
    })?;
    let copied: Vec<String> = Connection::open(home.path("copy.db"))?
        .prepare("select id from event order by seq")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    assert!(copied.len() >= 5002 && copied.len().is_multiple_of(2), "{}", copied.len());
    assert_eq!(copied, home.inbox()?[..copied.len()]);
    assert!(said.stdout.contains(&format!(", {} events,", copied.len())), "{}", said.all());
    assert_eq!(said.stderr, "", "it is recorded beside a writer who lets others write");
    Ok(())
}
