//! SQLite fails while the server runs: no event is acknowledged without being stored, and deliveries
//! are accepted again when the trouble ends.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::clock::{Stopwatch, wait_for};
use crate::support::event::{self, payment};
use crate::support::home::{PROGRAM, TestHome, finish};
use crate::support::http::assert_unavailable;
use crate::support::server::Server;
use crate::support::{Result, at_once};
use rusqlite::Connection;
use serde_json::Value;

/// The time within which a delivery must be refused: well below the ten seconds that Stripe waits.
const REFUSAL_LIMIT: Duration = Duration::from_secs(8);

/// The reasons while another program holds the lock: SQLite's own wait ends just before the deadline
/// of a request, so on a loaded machine either may be first.
const LOCKED: [&str; 2] = ["store_busy", "deadline_passed"];

/// The time within which the server must recover once the trouble has ended.
const RECOVERY_LIMIT: Duration = Duration::from_secs(10);

/// The time within which liveness must be answered, whatever the store does.
const HEALTH_LIMIT: Duration = Duration::from_secs(1);

/// Asserts that the server is not ready because of the store, with this reason.
#[track_caller]
fn assert_not_ready(server: &Server, why: &str) -> Result {
    assert_not_ready_for_one_of(server, &[why])
}

/// Asserts that the server is not ready because of the store, with one of these reasons.
#[track_caller]
fn assert_not_ready_for_one_of(server: &Server, reasons: &[&str]) -> Result {
    let answer = server.get("/health/ready")?;
    assert_unavailable(&answer)?;
    let said = reasons.iter().any(|why| answer.body.contains(&format!("store: {why}")));
    assert!(said, "{answer:?}");
    Ok(())
}

/// Waits until the server is ready; an earlier answer may be reused for a second.
fn wait_until_ready(server: &Server) -> Result {
    wait_for("it to be ready again", RECOVERY_LIMIT, || {
        let answer = server.get("/health/ready")?;
        Ok((answer.status == 200).then_some(()))
    })
}

/// Asserts that liveness is answered quickly.
#[track_caller]
fn assert_healthy(server: &Server) -> Result {
    let watch = Stopwatch::start();
    assert_eq!(server.get("/health")?.body, "ok");
    let taken = watch.elapsed();
    assert!(taken < HEALTH_LIMIT, "/health took {taken:?}");
    Ok(())
}

/// Delivers an event repeatedly, as Stripe does, until it is acknowledged.
fn deliver_until_received(server: &Server, id: &str) -> Result {
    wait_for("an event to be received again", RECOVERY_LIMIT, || {
        let answer = server.deliver(payment(id))?;
        match answer.status {
            200 => Ok(Some(())),
            503 => Ok(None),
            _ => Err(format!("{answer:?}").into()),
        }
    })
}

/// Delivers events on several connections until `stop`, and returns the acknowledged ones.
fn deliver_until(server: &Server, stop: &AtomicBool) -> Result<BTreeSet<String>> {
    let acknowledged = at_once(4, |sender| {
        let mut acknowledged = Vec::new();
        for number in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let id = format!("evt_{sender}_{number}");
            let answer = server.deliver(payment(&id))?;
            match answer.status {
                200 => acknowledged.push(id),
                503 => {}
                _ => return Err(format!("{answer:?}").into()),
            }
        }
        Ok(acknowledged)
    })?;
    Ok(acknowledged.into_iter().flatten().collect())
}

/// Asserts that every event in `acknowledged` is in the inbox, and none is there twice.
fn assert_kept(home: &TestHome, acknowledged: &BTreeSet<String>) -> Result {
    let inbox = home.inbox()?;
    let kept: BTreeSet<String> = inbox.iter().cloned().collect();
    assert_eq!(kept.len(), inbox.len(), "an event is there twice");
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    Ok(())
}

#[test]
fn while_somebody_else_holds_the_lock_events_are_refused_and_later_received() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_before"))?.status, 200);

    let other = Connection::open(home.database())?;
    other.execute_batch("begin immediate")?;
    let refusing = Stopwatch::start();
    at_once(8, |number| match number {
        0 => assert_not_ready_for_one_of(&server, &LOCKED),
        1 => (0..10).try_for_each(|_| {
            assert_healthy(&server)?;
            std::thread::sleep(Duration::from_millis(100));
            Ok(())
        }),
        _ => {
            let answer = server.deliver(payment(&format!("evt_{number}")))?;
            assert!(refusing.elapsed() < REFUSAL_LIMIT, "{answer:?}");
            assert_unavailable(&answer)
        }
    })?;
    let locked = |line: &Value| line["reason"].as_str().is_some_and(|why| LOCKED.contains(&why));
    server.logged(|line| line["outcome"] == "not_ready" && locked(line))?;
    server
        .logged(|line| line["outcome"] == "unavailable" && line["status"] == 503 && locked(line))?;
    assert_eq!(home.inbox()?, ["evt_before"]);

    other.execute_batch("rollback")?;
    for number in 2..8 {
        deliver_until_received(&server, &format!("evt_{number}"))?;
    }
    wait_until_ready(&server)?;
    assert!(server.lives()?);
    assert_eq!(home.inbox()?.len(), 7);
    Ok(())
}

#[test]
fn a_lock_that_is_held_shortly_only_delays() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let other = Connection::open(home.database())?;
    other.execute_batch("begin immediate")?;
    std::thread::scope(|scope| {
        let delivery = scope.spawn(|| server.deliver(payment("evt_1")));
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(home.inbox()?, [""; 0]);
        other.execute_batch("rollback")?;
        let answer = delivery.join().unwrap()?;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(home.inbox()?, ["evt_1"]);
        Ok(())
    })
}

#[test]
fn a_database_that_was_moved_away_is_used_again_when_it_is_back() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_before"))?.status, 200);

    fs::rename(home.database(), home.path("elsewhere.db"))?;
    assert_unavailable(&server.deliver(payment("evt_1"))?)?;
    assert_not_ready(&server, "store_missing")?;
    assert_healthy(&server)?;
    let line = server.logged(|line| line["outcome"] == "unavailable")?;
    assert_eq!(line["reason"], "store_missing");
    assert!(!home.database().exists(), "an empty one was made in its place");

    fs::rename(home.path("elsewhere.db"), home.database())?;
    deliver_until_received(&server, "evt_1")?;
    wait_until_ready(&server)?;
    assert!(server.lives()?);
    assert_eq!(home.inbox()?, ["evt_before", "evt_1"]);
    Ok(())
}

#[test]
fn nothing_acknowledged_is_lost_while_the_database_comes_and_goes() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    let stop = AtomicBool::new(false);
    let acknowledged = std::thread::scope(|scope| {
        let deliveries = scope.spawn(|| deliver_until(&server, &stop));
        let pause = || {
            std::thread::sleep(Duration::from_millis(50));
            Ok(())
        };
        let moved = (0..20).try_for_each(|_| {
            pause()?;
            move_there_and_back(&home, pause)
        });
        stop.store(true, Ordering::Relaxed);
        moved?;
        deliveries.join().unwrap()
    })?;
    server.logged(|line| line["reason"] == "store_missing")?;
    deliver_until_received(&server, "evt_after")?;
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    assert_kept(&home, &acknowledged)?;
    server.stop()?;
    assert_kept(&home, &acknowledged)
}

/// Moves the database away, does `meanwhile`, and moves it back.
fn move_there_and_back(home: &TestHome, meanwhile: impl FnOnce() -> Result) -> Result {
    let elsewhere = home.path("elsewhere.db");
    fs::rename(home.database(), &elsewhere)?;
    let done = meanwhile();
    fs::rename(&elsewhere, home.database())?;
    done
}

#[test]
fn a_file_that_is_no_database_is_refused_until_the_good_one_is_back() -> Result {
    let home = TestHome::new()?;
    let mut server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_before"))?.status, 200);

    // If the write-ahead log has all pages, SQLite reads none of the file itself.
    let other = Connection::open(home.database())?;
    other.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    drop(other);
    move_there_and_back(&home, || {
        fs::write(home.database(), "this is no database. ".repeat(4096))?;
        // The first delivery finds the old file gone, the second finds its replacement.
        assert_unavailable(&server.deliver(payment("evt_1"))?)?;
        assert_unavailable(&server.deliver(payment("evt_1"))?)?;
        assert_not_ready(&server, "store_corrupt")?;
        assert_healthy(&server)?;
        server.logged(|line| line["reason"] == "store_corrupt")?;
        Ok(())
    })?;
    deliver_until_received(&server, "evt_1")?;
    wait_until_ready(&server)?;
    assert!(server.lives()?);
    assert_eq!(home.inbox()?, ["evt_before", "evt_1"]);
    Ok(())
}

#[test]
fn a_damaged_database_acknowledges_nothing() -> Result {
    // The first page is intact: the file opens, but cannot be written to.
    where_damaged("select rootpage from sqlite_schema where rootpage > 1")
}

#[test]
fn a_database_that_is_damaged_where_the_events_are_is_not_ready() -> Result {
    where_damaged("select rootpage from sqlite_schema where tbl_name = 'event' and rootpage > 1")
}

#[test]
fn an_event_is_not_acknowledged_where_the_ledger_is_damaged() -> Result {
    where_damaged("select rootpage from sqlite_schema where tbl_name = 'payment' and rootpage > 1")
}

/// Damages the pages that `pages` selects, delivers, and restores the database.
fn where_damaged(pages: &str) -> Result {
    let home = TestHome::new()?;
    home.serve()?.stop()?;
    let good = fs::read(home.database())?;
    damage(&home.database(), pages)?;

    let server = home.serve()?;
    for _ in 0..3 {
        assert_unavailable(&server.deliver(payment("evt_1"))?)?;
    }
    assert_not_ready(&server, "store_corrupt")?;
    assert_healthy(&server)?;

    let restored = home.path("restored.db");
    fs::write(&restored, good)?;
    fs::rename(&restored, home.database())?;
    deliver_until_received(&server, "evt_1")?;
    wait_until_ready(&server)?;
    assert_eq!(home.inbox()?, ["evt_1"]);
    Ok(())
}

/// Overwrites pages of a database.
fn damage(database: &Path, pages: &str) -> Result {
    let connection = Connection::open(database)?;
    let size: u32 = connection.query_row("pragma page_size", [], |row| row.get(0))?;
    let size = usize::try_from(size)?;
    let mut bytes = fs::read(database)?;
    let mut select = connection.prepare(pages)?;
    for page in select.query_map([], |row| row.get::<_, u32>(0))? {
        // Counted from 1.
        let before = (usize::try_from(page?)? - 1) * size;
        let page = bytes.get_mut(before..before + size).ok_or("no such page")?;
        page.fill(0xa5);
    }
    Ok(fs::write(database, bytes)?)
}

#[test]
fn a_database_that_may_only_be_read_is_refused_until_it_may_be_written() -> Result {
    let home = TestHome::new()?;
    let mut server = Server::start(&mut bound_by_permissions(&home)?)?;
    assert_eq!(server.deliver(payment("evt_before"))?.status, 200);

    set_mode(&home.database(), 0o444)?;
    // An open connection may keep working; this makes the server open the file again. SQLite may take a
    // descriptor from before, if another of the server's connections has kept it: then once more.
    wait_for("the file to be opened for reading only", RECOVERY_LIMIT, || {
        find_missing(&server, &home)?;
        Ok((server.deliver(payment("evt_1"))?.status == 503).then_some(()))
    })?;
    assert_not_ready(&server, "store_read_only")?;
    assert_healthy(&server)?;
    let mut list = home.configured(PROGRAM, &["alerts", "list", "--open"]);
    let said = finish(list.env("LISTEN_ADDR", server.address.to_string()))?;
    assert_eq!(said.code, Some(0));
    assert!(
        said.stderr.contains("(store: store_read_only), so newer alerts may"),
        "{}",
        said.stderr
    );

    set_mode(&home.database(), 0o644)?;
    deliver_until_received(&server, "evt_1")?;
    wait_until_ready(&server)?;
    assert!(server.lives()?);
    assert_eq!(home.inbox()?, ["evt_before", "evt_1"]);
    Ok(())
}

/// Moves the database away until a delivery has found it missing: others that look have connections of
/// their own.
fn find_missing(server: &Server, home: &TestHome) -> Result {
    let id = "evt_missing";
    let before = server.log()?.len();
    move_there_and_back(home, || {
        wait_for("the missing file to be noticed", RECOVERY_LIMIT, || {
            assert_unavailable(&server.deliver(payment(id))?)?;
            let noticed = |it: &Value| it["event_id"] == id && it["reason"] == "store_missing";
            Ok(server.log()?.iter().skip(before).any(noticed).then_some(()))
        })
    })
}

fn set_mode(file: &Path, mode: u32) -> Result {
    Ok(fs::set_permissions(file, Permissions::from_mode(mode))?)
}

/// Returns a `serve` command that obeys file permissions also if the tests run as root.
fn bound_by_permissions(home: &TestHome) -> Result<Command> {
    let file = home.path("read-only");
    fs::write(&file, "")?;
    set_mode(&file, 0o444)?;
    Ok(match File::options().append(true).open(&file) {
        Err(_) => home.configured(PROGRAM, &["serve"]),
        Ok(_) => {
            let obey = ["--bounding-set=-dac_override", PROGRAM, "serve"];
            home.configured("setpriv", &obey)
        }
    })
}

#[test]
fn a_database_of_a_newer_version_is_refused_until_the_old_one_is_back() -> Result {
    let home = TestHome::new()?;
    let server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_before"))?.status, 200);

    let other = Connection::open(home.database())?;
    let version: u32 = other.query_row("pragma user_version", [], |row| row.get(0))?;
    move_there_and_back(&home, || {
        assert_unavailable(&server.deliver(payment("evt_1"))?)?;
        Ok(other.pragma_update(None, "user_version", version + 1)?)
    })?;
    assert_unavailable(&server.deliver(payment("evt_1"))?)?;
    assert_not_ready(&server, "store_too_new")?;
    assert_healthy(&server)?;

    other.pragma_update(None, "user_version", version)?;
    deliver_until_received(&server, "evt_1")?;
    assert_eq!(home.inbox()?, ["evt_before", "evt_1"]);
    Ok(())
}

#[test]
fn where_files_may_not_grow_events_are_refused_and_none_is_lost() -> Result {
    let home = TestHome::new()?;
    // The unit is 512 or 1024 bytes, depending on the shell. Writing beyond the limit is an error,
    // and a signal that kills a program which does not handle it.
    let limited = r#"ulimit -f 1024 && exec "$0" serve"#;
    let mut server = Server::start(&mut home.configured("sh", &["-c", limited, PROGRAM]))?;
    let mut acknowledged = BTreeSet::new();
    let mut refused_in_a_row = 0;
    for number in 0.. {
        let id = format!("evt_{number}");
        let answer = server.deliver(event::event(&id, &"long".repeat(30)))?;
        match answer.status {
            200 => {
                acknowledged.insert(id);
                refused_in_a_row = 0;
            }
            _ => {
                assert_unavailable(&answer)?;
                refused_in_a_row += 1;
            }
        }
        if refused_in_a_row == 20 {
            break;
        }
        assert!(number < 10_000, "the limit was never reached");
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    assert_not_ready(&server, "store_failed")?;
    assert_healthy(&server)?;
    assert!(server.lives()?);
    assert_kept(&home, &acknowledged)?;

    // Without the limit there is room again.
    server.signal("TERM")?;
    server.ended()?;
    assert_kept(&home, &acknowledged)?;
    let server = home.serve()?;
    assert_eq!(server.deliver(payment("evt_after"))?.status, 200);
    acknowledged.insert("evt_after".into());
    assert_kept(&home, &acknowledged)
}
