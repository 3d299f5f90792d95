//! The parts of the documents about Cloudflare Workers.

use portal_sqlite::SqliteStore;
use portal_sqlite::sql::MIGRATIONS;
use rusqlite::Connection;

use crate::docs::RUNBOOKS;
use crate::docs::markdown::{commands, read};
use crate::support::Result;
use crate::support::home::TestHome;

/// The command with which the runbooks run SQL on D1.
const EXECUTE: &str = "npx wrangler d1 execute donations --remote --command ";

/// The command that makes an export of D1 usable by the command line.
const ADOPT: &str = "sqlite3 donations.db 'pragma ";

/// Rows for each statement to find: an event processed long ago with its hour, a dead one whose
/// object could not be found, one that was rolled up and deleted, an alert that has ended, and a
/// gift in the first hours of October in Japan.
const FOUND: &str = "
    insert into event (id, payload, type, created, livemode, state, reason, origin, received_at)
    values ('evt_1', 'snapshot', 'invoice.paid', 1, 1, 'processed', null, 'delivered', 1),
           ('evt_3BskXZUxn3WlNdCTl8MLa0cR', 'thin', 'v1.invoice.paid', 1, 1, 'dead',
            'object_missing', 'delivered', unixepoch());
    insert into delivery_hour (hour, events, first_at, last_at, gap, gap_before)
    values (0, 1, 1, 1, 0, 0);
    insert into rolled_up (only_row, seq, received_at) values (1, 3, 1);
    insert into invoice (id, progress, amount, paid, currency, livemode, at)
    values ('in_1', 'paid', 5000, 5000, 'jpy', 1, unixepoch('2026-09-30T20:00:00Z'));
    insert into payment (id, progress, amount, currency, livemode, at, link, invoice)
    select 'pi_3FuezC092bs8YG8f6jAdLSgQ', progress, amount, currency, livemode, at, 10, id
    from invoice;
    insert into alert (key, body, open, count, since, changed_at, cool_down)
    values ('event_dead', '{}', 1, 1, unixepoch(), unixepoch(), 3600), ('silence', '{}', 0, 1, 1, 1, 3600);
    insert into notification (channel, key, open, notified_at) values ('slack-1', 'silence', 0, 1);";

/// The values that the statements may change, except times.
const CHANGED: &str = "
    select 'event', id, state, reason from event
    union all select 'fetch_queue', seq, due_at, attempts from fetch_queue
    union all select 'delivery_hour', hour, events, gap from delivery_hour
    union all select 'rolled_up', seq, received_at, null from rolled_up
    union all select 'alert', key, open, count from alert
    union all select 'notification', channel, key, open from notification order by 1, 2";

#[test]
fn every_statement_for_d1_finds_or_changes_something() -> Result {
    for name in RUNBOOKS {
        let all = statements(name)?;
        assert!(all.len() > 6, "{name}: {all:?}");
        for sql in all {
            let home = found()?;
            let connection = Connection::open(home.database())?;
            for statement in sql.split("; ") {
                let mut prepared = connection.prepare(statement)?;
                let found = match prepared.readonly() {
                    true => prepared.exists([])?,
                    false => prepared.execute([])? > 0,
                };
                assert!(found, "{name}: {statement}");
            }
        }
    }
    Ok(())
}

#[test]
fn no_question_to_d1_reads_a_table_to_its_end() -> Result {
    let home = found()?;
    let connection = Connection::open(home.database())?;
    for name in RUNBOOKS {
        for sql in statements(name)?.into_iter().filter(|it| it.starts_with("select ")) {
            let mut plan = connection.prepare(&format!("explain query plan {sql}"))?;
            let steps = plan.query_map([], |row| row.get::<_, String>(3))?;
            for step in steps.collect::<rusqlite::Result<Vec<_>>>()? {
                let whole = ["SCAN event", "SCAN p", "SCAN i", "SCAN payment", "SCAN invoice"];
                assert!(!whole.contains(&&*step), "{name}: {sql}: {step}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_monitor_is_not_answered_by_a_pages_project_without_its_functions() -> Result {
    // Pages answers every path with 200 unless a site has this page; the local runtime proves it.
    assert!(read("deploy/pages/public/404.html")?.contains("Not found"));
    for name in RUNBOOKS {
        assert!(read(name)?.contains("`deploy/pages/public/404.html`"), "{name}");
    }
    Ok(())
}

#[test]
fn the_statement_that_prunes_d1_does_what_the_command_does() -> Result {
    let commanded = found()?;
    assert_eq!(commanded.run(&["prune", "--yes"])?.code, Some(0));
    for name in RUNBOOKS {
        let begin = "delete from alert";
        let sql = statements(name)?.into_iter().find(|sql| sql.starts_with(begin));
        let stated = found()?;
        Connection::open(stated.database())?.execute_batch(&sql.ok_or(begin)?)?;
        assert_eq!(changed(&stated)?, changed(&commanded)?, "{name}");
    }
    Ok(())
}

#[test]
fn an_export_of_d1_is_a_database_for_the_command_line() -> Result {
    for name in RUNBOOKS {
        let home = TestHome::new()?;
        let connection = Connection::open(home.database())?;
        // D1 records its migrations in a table of its own.
        connection.execute_batch("create table d1_migrations (id integer primary key)")?;
        connection.execute_batch(&MIGRATIONS.concat())?;
        connection.execute_batch(FOUND)?;
        assert_ne!(home.run(&["donations", "list"])?.code, Some(0), "it is nobody's yet");
        let lines = commands(&read(name)?);
        let adopt = lines.iter().find_map(|line| line.strip_prefix(ADOPT)).ok_or("no such line")?;
        connection.execute_batch(&format!("pragma {}", adopt.trim_end_matches('\'')))?;
        assert_eq!(home.donations()?, ["in_1"], "{name}");
        let said = home.run(&["donations", "export", "--period", "2026-09"])?;
        assert_eq!(said.code, Some(0), "{name}: {}", said.stderr);
    }
    Ok(())
}

#[test]
fn the_runbooks_name_what_the_configuration_files_name() -> Result {
    let worker = read("crates/portal-worker/wrangler.toml")?;
    for line in ["name = \"donation-portal\"\n", "database_name = \"donations\"\n"] {
        assert!(worker.contains(line), "the commands speak of another: {line}");
    }
    let pages = read("deploy/pages/wrangler.toml")?;
    for (file, line) in [
        (&worker, "binding = \"DATABASE_URL\"\n"),
        (&worker, "migrations_dir = \"../portal-sqlite/migrations\"\n"),
        (&pages, "[[services]]\nbinding = \"DONATION_PORTAL\"\nservice = \"donation-portal\"\n"),
    ] {
        assert!(file.contains(line), "{line}");
        for name in RUNBOOKS {
            assert!(read(name)?.contains(line), "{name}: {line}");
        }
    }
    Ok(())
}

/// Returns the statements that the runbook runs on D1.
fn statements(name: &str) -> Result<Vec<String>> {
    let lines = commands(&read(name)?);
    let quoted = lines.iter().filter_map(|line| line.strip_prefix(EXECUTE));
    Ok(quoted.map(|it| it.trim_matches('"').to_owned()).collect())
}

/// Returns a database with the rows of [`FOUND`].
fn found() -> Result<TestHome> {
    let home = TestHome::new()?;
    drop(SqliteStore::open(&home.database())?);
    Connection::open(home.database())?.execute_batch(FOUND)?;
    Ok(home)
}

fn changed(home: &TestHome) -> Result<Vec<String>> {
    let connection = Connection::open(home.database())?;
    let mut select = connection.prepare(CHANGED)?;
    let rows = select.query_map([], |row| {
        let cells = (0..4).map(|column| row.get_ref(column).map(|it| format!("{it:?}")));
        cells.collect::<rusqlite::Result<Vec<_>>>().map(|cells| cells.join(" "))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
