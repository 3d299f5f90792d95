//! `copy`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use portal_contract::stripe::{OLD, credit_note, dispute};
use portal_domain::tables::{CopiedTable, TABLES};
use rusqlite::Connection;

use crate::cli::ledger::{MIDNIGHT_IN_TOKYO, event_about, gift, home_on, record, uncertain_gift};
use crate::support::event::{self, payment, samples};
use crate::support::home::{On, PROGRAM, Said, TestHome};
use crate::support::postgres::PASSWORD;
use crate::support::{Result, clock};

/// The tables of PostgreSQL that SQLite does not have.
const NOT_COPIED: [&str; 3] = ["copying", "heartbeat", "schema_version"];

fn copy(home: &TestHome, target: &TestHome) -> Result<Said> {
    home.run(&["copy", "--from", &home.database_url(), "--to", &target.database_url()])
}

/// Starts a copy in the background.
fn copying(home: &TestHome, target: &TestHome) -> Result<Child> {
    let args = ["copy", "--from", &home.database_url(), "--to", &target.database_url()];
    let mut copy = home.configured(PROGRAM, &args);
    Ok(copy.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?)
}

/// Starts a copy, and kills it after its first events.
fn cut_off(home: &TestHome, target: &TestHome) -> Result {
    let mut copy = copying(home, target)?;
    wait_for_events(target)?;
    copy.kill()?;
    copy.wait()?;
    Ok(())
}

/// Returns the number of events that have been copied.
fn events(target: &TestHome) -> Result<u64> {
    let database = target.server()?;
    if database.ask("select to_regclass('event') is not null")? == "f" {
        return Ok(0);
    }
    Ok(database.ask("select count(*) from event")?.parse()?)
}

/// Waits until events have been copied.
fn wait_for_events(target: &TestHome) -> Result {
    clock::wait_for("events to be copied", Duration::from_secs(30), || {
        Ok((events(target)? >= 1).then_some(()))
    })
}

/// Returns a home and a target, which are `$FROM` and `$TO` in transcripts.
fn pair(home: TestHome) -> Result<(TestHome, TestHome)> {
    let target = TestHome::on(On::Postgres)?;
    let (from, name) = (home.database_url(), target.server()?.name().to_owned());
    let home = home.set("FROM", from).set("TO", target.database_url());
    let home = home.set("TO_AS_SHOWN", target.shown_url()).set("NAME", name);
    Ok((home.set("PASSWORD", PASSWORD), target))
}

/// Returns a home with events, donations and alerts of every kind that the samples have.
fn home() -> Result<TestHome> {
    let at = MIDNIGHT_IN_TOKYO;
    let mut bodies = vec![gift("pi_1", 5000, "jpy", at), uncertain_gift("pi_2", 700, "usd", at)];
    for sample in samples()? {
        bodies.push(sample.body);
    }
    // No sample has a credit note.
    let given_back = credit_note("cn_1", "in_1", "issued", 300);
    bodies.push(event_about(OLD, "credit_note.created", at, given_back));
    let home = home_on(On::Sqlite, &bodies)?;
    Connection::open(home.database())?.execute_batch(
        "insert into notification (channel, key, open, notified_at, attempts, lease)
         select 'slack_1', key, 1, 1790000000, 2, 7 from alert;
         insert into notification (channel, key) values ('discord_1', 'nothing is known');
         insert into channel (name, taken_at, failed_at, failure)
         values ('slack_1', 1790000000, 1790000300, '\"timed_out\"');
         insert into fetch_queue (seq, due_at, attempts)
         select seq, 1790000000, 2 from event where state = 'awaiting_object';
         insert into delivery_hour (hour, events, first_at, last_at, gap, gap_before)
         values (497222, 2, 1790000000, 1790000300, 300, 86400);
         insert into rolled_up (only_row, seq, received_at) values (1, 2, 1790000300);
         insert into confirmation (id, at) values ('pi_1', 1790000000);
         insert into job (name, leased_at, due_at, lease, state) values ('stripe', 1789999700, 1790000000, 3, '{}');
         insert into reads (day, count) values (20717, 12);
         insert into report (number, made_at, body) values (1, 1790000000, '{}');
         insert into payout (id, amount, currency, livemode, automatic, status, created, arrives,
                             version, event_id, reconciliation, read_at, lines)
         values ('po_1', -300, 'jpy', 1, 1, 'paid', 1790000000, 1790035200, 1, 'evt_1', 2, 1790000300, 1);
         insert into balance_line (id, type, category, part, currency, amount, fee, fee_tax, net,
                                   created, available_on, livemode)
         values ('txn_1', 'adjustment', 'fee', 'stripe_fees', 'jpy', -300, 0, 0, -300, 1790000000,
                 1790000000, 1);
         insert into payout_line (payout, line, seen_at) values ('po_1', 'txn_1', 1790000300);
         insert into balance_reading (livemode, currency, at, available, pending)
         values (1, 'jpy', 1790000000, -300, 0);
         insert into acknowledgement (seq, at, who) values (1, 1790000000, 'ops');
         insert into action (seq, at, who, via, verb, scope) values (1, 1790000000, 'cli', 'cli', 'doctor', '{}')",
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

#[track_caller]
fn assert_done(said: &Said) {
    assert_eq!(said.code, Some(0), "{}", said.all());
}

/// Asserts that every command prints the same for both databases.
#[track_caller]
fn assert_moved(home: &TestHome, target: &TestHome) -> Result {
    for question in [
        &["events", "list", "--format", "json", "--limit", "500"][..],
        &["donations", "list", "--format", "json", "--limit", "500"],
        &["donations", "totals", "--format", "json"],
        &["alerts", "list", "--format", "json", "--limit", "500"],
    ] {
        let [there, here] = [home.run(question)?, target.run(question)?];
        assert_done(&there);
        assert_done(&here);
        assert_eq!(here.stdout, there.stdout, "{question:?}");
        assert_ne!(here.stdout, "", "{question:?}");
    }
    Ok(())
}

#[track_caller]
fn assert_unfinished(target: &TestHome) -> Result {
    for command in [&["events", "list"][..], &["donations", "totals"], &["migrate"], &["serve"]] {
        let said = target.run(command)?;
        assert_eq!(said.code, Some(3), "{}", said.all());
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
    let (home, target) = pair(home()?)?;
    home.replay("copy/what_is_moved_is_the_same_in_the_new_place")?;
    assert_moved(&home, &target)?;
    // Every table had rows to copy.
    for table in &TABLES {
        let count = format!("select count(*) from {}", table.name);
        let there: i64 =
            Connection::open(home.database())?.query_row(&count, [], |it| it.get(0))?;
        assert_eq!(target.server()?.ask(&count)?, there.to_string());
        assert_ne!(there, 0, "{}", table.name);
    }
    Ok(())
}

fn no_table_and_no_column_of_the_server_is_forgotten() -> Result {
    let target = TestHome::on(On::Postgres)?;
    assert_done(&target.run(&["migrate", "--create"])?);
    let mut tables: Vec<_> = TABLES.iter().map(|it| it.name).collect();
    tables.extend(NOT_COPIED);
    tables.sort_unstable();
    let there = "select tablename from pg_tables where schemaname = 'donation_portal' order by 1";
    assert_eq!(target.server()?.ask(there)?.lines().collect::<Vec<_>>(), tables);
    for CopiedTable { name, key, columns } in &TABLES {
        let there = format!(
            "select string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) \
             from information_schema.columns \
             where table_schema = 'donation_portal' and table_name = '{name}' \
             and is_generated = 'NEVER'"
        );
        assert_eq!(&target.server()?.ask(&there)?, columns, "{name}");
        let there = format!(
            "select string_agg(column_name, ', ' order by ordinal_position) \
             from information_schema.key_column_usage \
             where table_schema = 'donation_portal' and constraint_name = '{name}_pkey'"
        );
        assert_eq!(&target.server()?.ask(&there)?, key, "{name}");
    }
    Ok(())
}

fn every_text_and_number_arrives_as_it_was() -> Result {
    let (home, target) = (TestHome::new()?, TestHome::on(On::Postgres)?);
    assert_done(&home.run(&["migrate", "--create"])?);
    let odd = "a\tb\\N\r\n'\"{},\\,NULL\u{1}é\u{1f600}";
    Connection::open(home.database())?.execute(
        "insert into payment (id, progress, amount, currency, livemode, at, event_id, invoice)
         values (?1, null, ?2, '', null, ?3, '\\N', 'NULL')",
        (odd, i64::MAX, i64::MIN),
    )?;
    assert_done(&copy(&home, &target)?);
    let same = format!(
        "select progress is null, amount, currency = '', livemode is null, at, event_id, invoice, \
             id = convert_from('\\x{}', 'utf8') from payment",
        odd.bytes().map(|it| format!("{it:02x}")).collect::<String>()
    );
    let due = format!("t|{}|t|t|{}|\\N|NULL|t", i64::MAX, i64::MIN);
    assert_eq!(target.server()?.ask(&same)?, due);
    Ok(())
}

fn an_empty_inbox_moves_too() -> Result {
    let (home, target) = (TestHome::new()?, TestHome::on(On::Postgres)?);
    assert_done(&home.run(&["migrate", "--create"])?);
    assert_done(&copy(&home, &target)?);
    let server = target.serve()?;
    assert_eq!(server.deliver(payment("evt_first"))?.status, 200);
    drop(server);
    assert_eq!(target.server()?.ask("select seq, id from event")?, "1|evt_first");
    Ok(())
}

fn life_goes_on_in_the_new_place() -> Result {
    let home = home()?;
    record(&home, &[payment("evt_known")], MIDNIGHT_IN_TOKYO)?;
    let target = TestHome::on(On::Postgres)?;
    assert_done(&copy(&home, &target)?);
    let last = home.inbox()?.len() as u64;
    let server = target.serve()?;
    assert_eq!(server.deliver(payment("evt_known"))?.status, 200);
    assert_eq!(events(&target)?, last);
    assert_eq!(server.deliver(event::gift("later"))?.status, 200);
    assert_done(&target.run(&["donations", "show", "pi_later"])?);
    drop(server);
    let greatest: u64 =
        Connection::open(home.database())?
            .query_row("select max(seq) from event", [], |it| it.get(0))?;
    let later: u64 =
        target.server()?.ask("select seq from event where id = 'evt_later'")?.parse()?;
    assert!(later > greatest, "{later} after {greatest}");
    Ok(())
}

fn a_copy_that_was_killed_is_nothing_to_serve_from_and_is_gone_on_with() -> Result {
    let (home, target) = (large_home(40_000)?, TestHome::on(On::Postgres)?);
    cut_off(&home, &target)?;
    let copied = events(&target)?;
    assert!(copied < 40_000, "{copied}: it ended before it could be killed");
    assert_unfinished(&target)?;
    // Rows that were copied already are not copied again.
    target.server()?.ask("create table seen as select seq, ctid as target from event")?;
    let said = copy(&home, &target)?;
    assert_done(&said);
    assert!(said.stderr.contains("resuming the copy"), "{}", said.stderr);
    let kept = "select count(*) from seen join event using (seq) where target = event.ctid";
    assert!(target.server()?.ask(kept)?.parse::<u64>()? >= copied);
    assert_moved(&home, &target)
}

fn a_copy_that_is_killed_again_and_again_ends() -> Result {
    let (home, target) = (large_home(20_000)?, TestHome::on(On::Postgres)?);
    for pause in 0..12 {
        let mut copy = copying(&home, &target)?;
        std::thread::sleep(Duration::from_millis(100 + 150 * pause));
        copy.kill()?;
        copy.wait()?;
    }
    let again = copy(&home, &target)?;
    // The copy may have ended before it was killed.
    if again.code != Some(2) {
        assert_done(&again);
    }
    assert_moved(&home, &target)
}

fn a_source_that_changed_between_is_copied_anew() -> Result {
    let (home, target) = (large_home(40_000)?, TestHome::on(On::Postgres)?);
    cut_off(&home, &target)?;
    // The number of rows stays the same.
    Connection::open(home.database())?
        .execute_batch("update event set state = 'dead', reason = 'facts_missing' where seq = 3")?;
    let said = copy(&home, &target)?;
    assert_done(&said);
    assert!(said.stderr.contains("starting again"), "{}", said.stderr);
    assert_eq!(target.server()?.ask("select state from event where seq = 3")?, "dead");
    assert_moved(&home, &target)
}

fn what_comes_in_while_it_is_copied_is_noticed() -> Result {
    let (home, target) = (large_home(40_000)?, TestHome::on(On::Postgres)?);
    let said = std::thread::scope(|scope| {
        let copy = scope.spawn(|| copy(&home, &target));
        wait_for_events(&target)?;
        record(&home, &[gift("pi_late", 1, "jpy", MIDNIGHT_IN_TOKYO)], MIDNIGHT_IN_TOKYO)?;
        copy.join().map_err(|_| "the copying panicked")?
    })?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert!(said.stderr.contains("stop the server"), "{}", said.stderr);
    assert_unfinished(&target)?;
    assert_done(&copy(&home, &target)?);
    assert_moved(&home, &target)
}

fn a_row_that_came_from_elsewhere_is_noticed() -> Result {
    let (home, target) = (large_home(40_000)?, TestHome::on(On::Postgres)?);
    cut_off(&home, &target)?;
    target.server()?.ask("insert into payment (id, amount) values ('pi_', 1)")?;
    let said = copy(&home, &target)?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert!(said.stderr.contains("payment ("), "{}", said.stderr);
    assert_unfinished(&target)?;
    // This copy could never become equal, so it starts again.
    let said = copy(&home, &target)?;
    assert_done(&said);
    assert!(said.stderr.contains("starting again"), "{}", said.stderr);
    assert_moved(&home, &target)
}

fn a_database_that_is_in_use_is_left_alone() -> Result {
    let (home, target) = pair(home()?)?;
    let server = target.serve()?;
    assert_eq!(server.deliver(payment("evt_mine"))?.status, 200);
    home.replay("copy/a_database_that_is_in_use_is_left_alone")?;
    assert_eq!(server.deliver(payment("evt_mine_too"))?.status, 200);
    assert_eq!(events(&target)?, 2);
    Ok(())
}

fn a_server_that_was_there_before_records_nothing_in_an_unfinished_copy() -> Result {
    let (home, target) = (large_home(40_000)?, TestHome::on(On::Postgres)?);
    let server = target.serve()?;
    let mut begun = copying(&home, &target)?;
    wait_for_events(&target)?;
    assert_eq!(server.deliver(payment("evt_too_soon"))?.status, 503);
    begun.kill()?;
    begun.wait()?;
    assert_eq!(server.deliver(payment("evt_too_soon"))?.status, 503);
    drop(server);
    // A server may have left alerts about the incomplete copy behind: then the copy starts again.
    if copy(&home, &target)?.code == Some(1) {
        assert_done(&copy(&home, &target)?);
    }
    assert_moved(&home, &target)?;
    assert_eq!(target.serve()?.deliver(payment("evt_too_soon"))?.status, 200);
    Ok(())
}

fn the_copy_that_began_last_wins_and_the_one_before_writes_nothing_more() -> Result {
    let (home, target) = (large_home(40_000)?, TestHome::on(On::Postgres)?);
    let first = copying(&home, &target)?;
    wait_for_events(&target)?;
    let signal = |name: &str| -> Result {
        Command::new("kill").args([name, &first.id().to_string()]).status()?;
        Ok(())
    };
    // The first copy is stopped between two pages, because within one it would block the other.
    clock::wait_for("a moment between two pages", Duration::from_secs(30), || {
        signal("-STOP")?;
        let between = "select count(*) from pg_stat_activity where state = 'idle' \
                       and application_name = 'donation-portal' and datname = current_database()";
        let stands = target.server()?.ask(between)? == "1";
        if !stands {
            signal("-CONT")?;
        }
        Ok(stands.then_some(()))
    })?;
    let second = copy(&home, &target);
    let places = "select md5(string_agg(ctid::text, ' ' order by seq)) from event";
    let written = target.server()?.ask(places)?;
    signal("-CONT")?;
    let first = first.wait_with_output()?;
    let said = second?;
    assert_done(&said);
    assert!(said.stderr.contains("resuming the copy"), "{}", said.stderr);
    let words = String::from_utf8(first.stderr)?;
    assert_eq!(first.status.code(), Some(3), "{words}");
    assert!(words.contains("locked by another process"), "{words}");
    assert_eq!(target.server()?.ask(places)?, written);
    assert_moved(&home, &target)
}

fn what_cannot_be_copied_is_refused_and_says_what_to_do() -> Result {
    let (home, target) = pair(TestHome::new()?)?;
    Connection::open(home.path("old.db"))?.pragma_update(None, "application_id", 0x444f_4e41)?;
    home.replay("copy/what_cannot_be_copied_is_refused_and_says_what_to_do")?;
    assert_eq!(target.server()?.ask("select to_regnamespace('donation_portal')")?, "");
    Ok(())
}

fn alerts_that_await_notification_await_it_in_the_copy() -> Result {
    let at = MIDNIGHT_IN_TOKYO;
    let home = home_on(
        On::Sqlite,
        &[
            gift("pi_1", 1000, "jpy", at),
            event_about(OLD, "charge.dispute.created", at, dispute("pi_1", "needs_response")),
        ],
    )?;
    let target = TestHome::on(On::Postgres)?;
    assert_done(&copy(&home, &target)?);
    assert_moved(&home, &target)?;
    assert_eq!(
        target.server()?.ask("select open, count, jsonb_object_keys(body) from alert")?,
        "t|1|dispute"
    );
    Ok(())
}
