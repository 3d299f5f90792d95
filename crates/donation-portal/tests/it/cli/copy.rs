//! `copy`.

use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use portal_postgres::import;
use portal_testkit::postgres::Cluster;
use rusqlite::Connection;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, event_about, gift, home_with, record, uncertain_gift};
use crate::cli::{assert_done, assert_failed};
use crate::support::event::{self, payment, samples};
use crate::support::home::{PROGRAM, Said, TestHome, finish};
use crate::support::server::Server;
use crate::support::{Result, clock};

/// The password, which must not be printed.
const PASSWORD: &str = portal_testkit::postgres::PASSWORD;

/// The tables of PostgreSQL that SQLite does not have.
const NOT_COPIED: [&str; 3] = ["copying", "heartbeat", "schema_version"];

fn cluster() -> Result<&'static Cluster> {
    static CLUSTER: OnceLock<std::result::Result<Cluster, String>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| Cluster::start().map_err(|it| it.to_string()));
    Ok(cluster.as_ref().map_err(Clone::clone)?)
}

/// A database on a server to copy to.
struct Target {
    cluster: &'static Cluster,
    name: String,
    url: String,
}

impl Target {
    fn new() -> Result<Self> {
        let cluster = cluster()?;
        let name = cluster.new_database()?;
        Ok(Self { cluster, url: cluster.url(&name), name })
    }

    fn copy(&self, home: &TestHome) -> Result<Said> {
        home.run(&["copy", "--from", &home.database_url(), "--to", &self.url])
    }

    /// Starts a copy in the background.
    fn copying(&self, home: &TestHome) -> Result<Child> {
        let args = ["copy", "--from", &home.database_url(), "--to", &self.url];
        let mut copy = home.configured(PROGRAM, &args);
        Ok(copy.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?)
    }

    /// Runs a command on the server's database.
    fn run(&self, home: &TestHome, args: &[&str]) -> Result<Said> {
        finish(home.configured(PROGRAM, args).env("DATABASE_URL", &self.url))
    }

    fn serve(&self, home: &TestHome) -> Result<Server> {
        Server::start(home.configured(PROGRAM, &["serve"]).env("DATABASE_URL", &self.url))
    }

    fn ask(&self, sql: &str) -> Result<String> {
        let sql = format!("set search_path = donation_portal; {sql}");
        Ok(self.cluster.psql(&self.name, &sql)?)
    }

    /// Returns the number of rows of a table, or 0 if there is no such table.
    fn count(&self, table: &str) -> Result<u64> {
        let there = format!("select to_regclass('donation_portal.{table}') is not null");
        if self.cluster.psql(&self.name, &there)? == "f" {
            return Ok(0);
        }
        Ok(self.ask(&format!("select count(*) from {table}"))?.parse()?)
    }

    /// Waits until this number of events has been copied.
    fn wait_for(&self, events: u64) -> Result {
        clock::wait_for("events to be copied", Duration::from_secs(30), || {
            Ok((self.count("event")? >= events).then_some(()))
        })
    }
}

/// Returns a home with events, donations and alerts of every kind that the samples have.
fn home() -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    let mut bodies = vec![gift("pi_1", 5000, "jpy", at), uncertain_gift("pi_2", 700, "usd", at)];
    for sample in samples()? {
        bodies.push(sample.body);
    }
    // No sample has a credit note.
    let given_back = serde_json::json!({
        "id": "cn_1", "object": "credit_note", "invoice": "in_1", "currency": "jpy",
        "out_of_band_amount": 300, "status": "issued",
    });
    bodies.push(event_about("2024-06-20", "credit_note.created", at, &given_back));
    let home = home_with(&bodies)?;
    Connection::open(home.database())?.execute_batch(
        "insert into notification (channel, key, open, notified_at, attempts, lease)
         select 'slack_1', key, 1, 1790000000, 2, 7 from alert;
         insert into notification (channel, key) values ('discord_1', 'nothing is known');
         insert into fetch_queue (seq, due_at, attempts)
         select seq, 1790000000, 2 from event where state = 'awaiting_object';
         insert into delivery_hour (hour, events, first_at, last_at, gap, gap_before)
         values (497222, 2, 1790000000, 1790000300, 300, 86400);
         insert into rolled_up (only_row, seq, received_at) values (1, 2, 1790000300);
         insert into confirmation (id, at) values ('pi_1', 1790000000);
         insert into job (name, due_at, lease, state) values ('stripe', 1790000000, 3, '{}');
         insert into reads (day, count) values (20717, 12);
         insert into report (number, made_at, body) values (1, 1790000000, '{}')",
    )?;
    Ok(home)
}

/// Returns a home with this number of events, which fill some pages, and with payments.
fn large_home(events: u64) -> Result<TestHome> {
    let home = home()?;
    Connection::open(home.database())?.execute_batch(&format!(
        "with recursive number (n) as (select 1 union all select n + 1 from number where n < {events})
         insert into event (id, payload, type, created, livemode, facts, state, reason,
                            origin, received_at)
         select 'evt_' || hex(n * 7919), 'snapshot', 'charge.updated', 1790000000, 1, null,
                'ignored', 'unknown_type', 'delivered', 1790000000 + n from number;
         with recursive number (n) as (select 1 union all select n + 1 from number where n < {events})
         insert into payment (id, progress, amount, currency, livemode, at, version, event_id,
                              no_invoice)
         select 'pi_' || hex(n * 7919), 'paid', n, 'jpy', 1, 1790000000, 1, 'evt_1', 50 from number
         where n % 10 = 0"
    ))?;
    Ok(home)
}

/// Asserts that every command prints the same for both databases.
#[track_caller]
fn assert_moved(home: &TestHome, target: &Target) -> Result {
    for question in [
        &["events", "list", "--format", "json", "--limit", "500"][..],
        &["donations", "list", "--format", "json", "--limit", "500"],
        &["donations", "totals", "--format", "json"],
        &["alerts", "list", "--format", "json", "--limit", "500"],
    ] {
        let [there, here] = [home.run(question)?, target.run(home, question)?];
        assert_done(&there);
        assert_done(&here);
        assert_eq!(here.stdout, there.stdout, "{question:?}");
        assert_ne!(here.stdout, "", "{question:?}");
    }
    Ok(())
}

#[track_caller]
fn assert_unfinished(home: &TestHome, target: &Target) -> Result {
    for command in [&["events", "list"][..], &["donations", "totals"], &["migrate"], &["serve"]] {
        let said = target.run(home, command)?;
        assert_failed(&said, 3);
        assert!(said.stderr.contains("donation-portal copy"), "{command:?}: {}", said.stderr);
    }
    Ok(())
}

on_postgres! {
    what_is_moved_is_the_same_in_the_new_place
    no_table_and_no_column_of_the_server_is_forgotten
    every_text_and_number_arrives_as_it_was
    an_empty_inbox_moves_too
    life_goes_on_in_the_new_place
    a_copy_that_was_killed_is_nothing_to_serve_from_and_is_gone_on_with
    a_copy_that_is_killed_again_and_again_ends
    a_source_that_changed_between_is_copied_anew
    what_comes_in_while_it_is_copied_is_noticed
    a_row_that_came_from_elsewhere_is_noticed
    a_database_that_is_in_use_is_left_alone
    a_server_that_was_there_before_records_nothing_in_an_unfinished_copy
    the_copy_that_began_last_wins_and_the_one_before_writes_nothing_more
    what_cannot_be_copied_is_refused_and_says_what_to_do
    alerts_that_await_notification_await_it_in_the_copy
}

fn what_is_moved_is_the_same_in_the_new_place() -> Result {
    let (home, target) = (home()?, Target::new()?);
    let said = target.copy(&home)?;
    assert_done(&said);
    let events = home.inbox()?.len();
    let words: Vec<_> = said.stdout.split_whitespace().collect();
    let words = words.join(" ");
    for printed in [&format!(" event {events} "), " jpy one_time live "] {
        assert!(words.contains(printed), "{}", said.stdout);
    }
    assert!(said.stderr.contains("set DATABASE_URL"), "{}", said.stderr);
    assert!(!said.all().contains(PASSWORD), "{}", said.all());
    assert_moved(&home, &target)?;
    // Every table had rows to copy.
    for table in &import::TABLES {
        let count = format!("select count(*) from {}", table.name);
        let there: i64 =
            Connection::open(home.database())?.query_row(&count, [], |it| it.get(0))?;
        assert_eq!(target.ask(&count)?, there.to_string());
        assert_ne!(there, 0, "{}", table.name);
    }
    Ok(())
}

fn no_table_and_no_column_of_the_server_is_forgotten() -> Result {
    let (home, target) = (TestHome::new()?, Target::new()?);
    assert_done(&target.run(&home, &["migrate", "--create"])?);
    let mut tables: Vec<_> = import::TABLES.iter().map(|it| it.name).collect();
    tables.extend(NOT_COPIED);
    tables.sort_unstable();
    let there = "select tablename from pg_tables where schemaname = 'donation_portal' order by 1";
    assert_eq!(target.ask(there)?.lines().collect::<Vec<_>>(), tables);
    for import::ImportTable { name, key, columns } in &import::TABLES {
        let there = format!(
            "select string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) \
             from information_schema.columns \
             where table_schema = 'donation_portal' and table_name = '{name}' \
             and is_generated = 'NEVER'"
        );
        assert_eq!(&target.ask(&there)?, columns, "{name}");
        let there = format!(
            "select string_agg(column_name, ', ' order by ordinal_position) \
             from information_schema.key_column_usage \
             where table_schema = 'donation_portal' and constraint_name = '{name}_pkey'"
        );
        assert_eq!(&target.ask(&there)?, key, "{name}");
    }
    Ok(())
}

fn every_text_and_number_arrives_as_it_was() -> Result {
    let (home, target) = (TestHome::new()?, Target::new()?);
    assert_done(&home.run(&["migrate", "--create"])?);
    let odd = "a\tb\\N\r\n'\"{},\\,NULL\u{1}é\u{1f600}";
    Connection::open(home.database())?.execute(
        "insert into payment (id, progress, amount, currency, livemode, at, event_id, invoice)
         values (?1, null, ?2, '', null, ?3, '\\N', 'NULL')",
        (odd, i64::MAX, i64::MIN),
    )?;
    assert_done(&target.copy(&home)?);
    let same = format!(
        "select progress is null, amount, currency = '', livemode is null, at, event_id, invoice, \
             id = convert_from('\\x{}', 'utf8') from payment",
        odd.bytes().map(|it| format!("{it:02x}")).collect::<String>()
    );
    let due = format!("t|{}|t|t|{}|\\N|NULL|t", i64::MAX, i64::MIN);
    assert_eq!(target.ask(&same)?, due);
    Ok(())
}

fn an_empty_inbox_moves_too() -> Result {
    let (home, target) = (TestHome::new()?, Target::new()?);
    assert_done(&home.run(&["migrate", "--create"])?);
    assert_done(&target.copy(&home)?);
    let server = target.serve(&home)?;
    assert_eq!(server.deliver(payment("evt_first"))?.status, 200);
    drop(server);
    assert_eq!(target.ask("select seq, id from event")?, "1|evt_first");
    Ok(())
}

fn life_goes_on_in_the_new_place() -> Result {
    let home = home()?;
    record(&home, &[payment("evt_known")], MIDNIGHT_IN_TOKYO)?;
    let target = Target::new()?;
    assert_done(&target.copy(&home)?);
    let last = home.inbox()?.len() as u64;
    let server = target.serve(&home)?;
    assert_eq!(server.deliver(payment("evt_known"))?.status, 200);
    assert_eq!(target.count("event")?, last);
    assert_eq!(server.deliver(event::gift("later"))?.status, 200);
    assert_done(&target.run(&home, &["donations", "show", "pi_later"])?);
    drop(server);
    let greatest: u64 =
        Connection::open(home.database())?
            .query_row("select max(seq) from event", [], |it| it.get(0))?;
    let later: u64 = target.ask("select seq from event where id = 'evt_later'")?.parse()?;
    assert!(later > greatest, "{later} after {greatest}");
    Ok(())
}

fn a_copy_that_was_killed_is_nothing_to_serve_from_and_is_gone_on_with() -> Result {
    let (home, target) = (large_home(40_000)?, Target::new()?);
    let mut copy = target.copying(&home)?;
    target.wait_for(1)?;
    copy.kill()?;
    copy.wait()?;
    let copied = target.count("event")?;
    assert!(copied < 40_000, "{copied}: it ended before it could be killed");
    assert_unfinished(&home, &target)?;
    // Rows that were copied already are not copied again.
    target.ask("create table seen as select seq, ctid as target from event")?;
    let said = target.copy(&home)?;
    assert_done(&said);
    assert!(said.stderr.contains("resuming the copy"), "{}", said.stderr);
    let kept = "select count(*) from seen join event using (seq) where target = event.ctid";
    assert!(target.ask(kept)?.parse::<u64>()? >= copied);
    assert_moved(&home, &target)
}

fn a_copy_that_is_killed_again_and_again_ends() -> Result {
    let (home, target) = (large_home(20_000)?, Target::new()?);
    for pause in 0..12 {
        let mut copy = target.copying(&home)?;
        std::thread::sleep(Duration::from_millis(100 + 150 * pause));
        copy.kill()?;
        copy.wait()?;
    }
    let again = target.copy(&home)?;
    // The copy may have ended before it was killed.
    if again.code != Some(2) {
        assert_done(&again);
    }
    assert_moved(&home, &target)
}

fn a_source_that_changed_between_is_copied_anew() -> Result {
    let (home, target) = (large_home(40_000)?, Target::new()?);
    let mut copy = target.copying(&home)?;
    target.wait_for(1)?;
    copy.kill()?;
    copy.wait()?;
    // The number of rows stays the same.
    Connection::open(home.database())?
        .execute_batch("update event set state = 'dead', reason = 'facts_missing' where seq = 3")?;
    let said = target.copy(&home)?;
    assert_done(&said);
    assert!(said.stderr.contains("starting again"), "{}", said.stderr);
    assert_eq!(target.ask("select state from event where seq = 3")?, "dead");
    assert_moved(&home, &target)
}

fn what_comes_in_while_it_is_copied_is_noticed() -> Result {
    let (home, target) = (large_home(40_000)?, Target::new()?);
    let said = std::thread::scope(|scope| {
        let copy = scope.spawn(|| target.copy(&home));
        target.wait_for(1)?;
        record(&home, &[gift("pi_late", 1, "jpy", MIDNIGHT_IN_TOKYO)], MIDNIGHT_IN_TOKYO)?;
        copy.join().map_err(|_| "the copying panicked")?
    })?;
    assert_failed(&said, 1);
    assert!(said.stderr.contains("stop the server"), "{}", said.stderr);
    assert_unfinished(&home, &target)?;
    assert_done(&target.copy(&home)?);
    assert_moved(&home, &target)
}

fn a_row_that_came_from_elsewhere_is_noticed() -> Result {
    let (home, target) = (large_home(40_000)?, Target::new()?);
    let mut copy = target.copying(&home)?;
    target.wait_for(1)?;
    copy.kill()?;
    copy.wait()?;
    target.ask("insert into payment (id, amount) values ('pi_', 1)")?;
    let said = target.copy(&home)?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert!(said.stderr.contains("payment ("), "{}", said.stderr);
    assert_unfinished(&home, &target)?;
    // This copy could never become equal, so it starts again.
    let said = target.copy(&home)?;
    assert_done(&said);
    assert!(said.stderr.contains("starting again"), "{}", said.stderr);
    assert_moved(&home, &target)
}

fn a_database_that_is_in_use_is_left_alone() -> Result {
    let (home, target) = (home()?, Target::new()?);
    let server = target.serve(&home)?;
    assert_eq!(server.deliver(payment("evt_mine"))?.status, 200);
    let said = target.copy(&home)?;
    assert_failed(&said, 2);
    assert!(said.stderr.contains("give an empty database"), "{}", said.stderr);
    assert!(!said.all().contains(PASSWORD), "{}", said.all());
    assert_eq!(server.deliver(payment("evt_mine_too"))?.status, 200);
    assert_eq!(target.count("event")?, 2);
    Ok(())
}

fn a_server_that_was_there_before_records_nothing_in_an_unfinished_copy() -> Result {
    let (home, target) = (large_home(40_000)?, Target::new()?);
    let server = target.serve(&home)?;
    let mut copy = target.copying(&home)?;
    target.wait_for(1)?;
    assert_eq!(server.deliver(payment("evt_too_soon"))?.status, 503);
    copy.kill()?;
    copy.wait()?;
    assert_eq!(server.deliver(payment("evt_too_soon"))?.status, 503);
    drop(server);
    // A server may have left alerts about the incomplete copy behind: then the copy starts again.
    if target.copy(&home)?.code == Some(1) {
        assert_done(&target.copy(&home)?);
    }
    assert_moved(&home, &target)?;
    assert_eq!(target.serve(&home)?.deliver(payment("evt_too_soon"))?.status, 200);
    Ok(())
}

fn the_copy_that_began_last_wins_and_the_one_before_writes_nothing_more() -> Result {
    let (home, target) = (large_home(40_000)?, Target::new()?);
    let first = target.copying(&home)?;
    target.wait_for(1)?;
    let signal = |name: &str| -> Result {
        Command::new("kill").args([name, &first.id().to_string()]).status()?;
        Ok(())
    };
    // The first copy is stopped between two pages, because within one it would block the other.
    clock::wait_for("a moment between two pages", Duration::from_secs(30), || {
        signal("-STOP")?;
        let between = "select count(*) from pg_stat_activity where state = 'idle' \
                       and application_name = 'donation-portal' and datname = current_database()";
        let stands = target.ask(between)? == "1";
        if !stands {
            signal("-CONT")?;
        }
        Ok(stands.then_some(()))
    })?;
    let second = target.copy(&home);
    let places = "select md5(string_agg(ctid::text, ' ' order by seq)) from event";
    let written = target.ask(places)?;
    signal("-CONT")?;
    let first = first.wait_with_output()?;
    let said = second?;
    assert_done(&said);
    assert!(said.stderr.contains("resuming the copy"), "{}", said.stderr);
    let words = String::from_utf8(first.stderr)?;
    assert_eq!(first.status.code(), Some(3), "{words}");
    assert!(words.contains("locked by another process"), "{words}");
    assert_eq!(target.ask(places)?, written);
    assert_moved(&home, &target)
}

fn what_cannot_be_copied_is_refused_and_says_what_to_do() -> Result {
    let (home, target) = (TestHome::new()?, Target::new()?);
    let missing = target.copy(&home)?;
    assert_failed(&missing, 3);
    assert!(missing.stderr.contains("is not there; correct --from"), "{}", missing.stderr);
    assert_eq!(target.cluster.psql(&target.name, "select to_regnamespace('donation_portal')")?, "");
    assert!(!home.database().exists());

    let first = Connection::open(home.database())?;
    first.pragma_update(None, "application_id", 0x444f_4e41)?;
    drop(first);
    let old = target.copy(&home)?;
    assert_failed(&old, 3);
    assert!(old.stderr.contains("donation-portal migrate"), "{}", old.stderr);
    assert_done(&home.run(&["migrate", "--create"])?);

    let nowhere = target.url.replace(&target.name, "nowhere");
    let said = home.run(&["copy", "--from", &home.database_url(), "--to", &nowhere])?;
    assert_failed(&said, 3);
    assert!(said.stderr.contains("createdb"), "{}", said.stderr);
    let wrong = target.url.replace(PASSWORD, "pa55word");
    let said = home.run(&["copy", "--from", &home.database_url(), "--to", &wrong])?;
    assert_failed(&said, 3);
    assert!(said.stderr.contains("check --to"), "{}", said.stderr);
    assert!(!said.all().contains("pa55word"), "{}", said.all());

    for args in [
        ["copy", "--from", &target.url, "--to", &target.url],
        ["copy", "--from", &home.database_url(), "--to", &home.database_url()],
        ["copy", "--from", &target.url, "--to", &home.database_url()],
    ] {
        let said = home.run(&args)?;
        assert_failed(&said, 2);
        assert!(!said.all().contains(PASSWORD), "{}", said.all());
    }
    assert_eq!(home.run(&["copy", "--to", &target.url])?.code, Some(2));
    Ok(())
}

fn alerts_that_await_notification_await_it_in_the_copy() -> Result {
    let at = MIDNIGHT_IN_TOKYO;
    let dispute = serde_json::json!({
        "id": "du_1", "object": "dispute", "payment_intent": "pi_1", "charge": "ch_1",
        "amount": 5000, "currency": "jpy", "status": "needs_response",
    });
    let home = home_with(&[
        gift("pi_1", 5000, "jpy", at),
        event_about("2024-06-20", "charge.dispute.created", at, &dispute),
    ])?;
    let target = Target::new()?;
    assert_done(&target.copy(&home)?);
    assert_moved(&home, &target)?;
    assert_eq!(target.ask("select open, count, body ->> 'kind' from alert")?, "t|1|dispute");
    Ok(())
}
