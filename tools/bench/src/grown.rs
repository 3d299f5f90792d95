//! The inbox, the ledger and the console do not slow down as they grow.

mod in_postgres;
mod in_sqlite;
mod pages;

use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use portal_harness::database::Database;
use portal_harness::delivery::now_seconds;
use portal_harness::memory;
use portal_harness::server::{self, Setup};
use xtask::run::{Failure, read};

use crate::open_loop::Pace;
use crate::side_by_side::{self, Contender, Plan};
use crate::{Bench, closed_loop};

/// The time over which the events of the grown inbox came in.
const TWO_YEARS: u64 = 2 * 365 * 24 * 3600;

/// Rows to a transaction while filling.
const CHUNK: u32 = 100_000;

/// Commands that are timed, with how many milliseconds each may take.
const COMMANDS: [(&[&str], f64); 2] =
    [(&["events", "list", "--limit", "20"], 50.0), (&["donations", "list", "--limit", "20"], 50.0)];

/// The most milliseconds that the totals of a month may take.
const TOTALS_MS_MAX: f64 = 100.0;

/// The month, in days before now.
const MONTH: [u64; 2] = [60, 30];

const DAY_SECONDS: u64 = 24 * 3600;

/// The share of an empty inbox's rate that a grown one is to have.
const AIM: f64 = 0.9;

/// The inboxes that are compared.
pub(crate) struct Inboxes {
    pub(crate) grown: Setup,
    pub(crate) fresh: Setup,
}

/// The time span of the events in the grown inbox.
struct Span {
    began: u64,
    events: u32,
}

/// Compares a server whose inbox is empty with one whose inbox holds `events`.
pub(crate) fn run(
    bench: &mut Bench,
    plan: &Plan,
    Inboxes { grown, fresh }: &Inboxes,
    events: u32,
    pace: Pace,
) -> Result<(), Failure> {
    let mebibytes = fill(bench, grown, events)? >> 20;
    println!("its size: {mebibytes} MiB");
    let servers = [(grown, grown.start()?), (fresh, fresh.start()?)];
    let (addresses, others) = ([grown.address], [fresh.address]);
    let contest = [
        Contender { name: "grown inbox", addresses: &addresses },
        Contender { name: "empty inbox", addresses: &others },
    ];
    side_by_side::run(bench, plan, contest, Some(AIM))?;
    for (name, (setup, server)) in ["grown", "empty"].into_iter().zip(servers) {
        println!("  {name}: peak memory {} KiB", memory::peak(&server)?);
        for (arguments, aim) in COMMANDS {
            time(setup, arguments, aim, true)?;
        }
        let [since, until] =
            MONTH.map(|days| now_seconds().saturating_sub(days * DAY_SECONDS).to_string());
        let month = ["donations", "totals", "--since", &since, "--until", &until];
        // Nothing is as old as that in the empty one.
        time(setup, &month, TOTALS_MS_MAX, name == "grown")?;
        server::stop(server)?;
    }
    pages::run(bench, plan, grown, pace)
}

/// Lets the server make its schema, one event and its payment, and repeats those under other ids;
/// tells how many bytes that came to.
fn fill(bench: &mut Bench, setup: &Setup, events: u32) -> Result<u64, Failure> {
    let server = setup.start()?;
    let first = Arc::new(bench.requests(1));
    bench.wait_for(closed_loop::rate(&[setup.address], &first, 1))?;
    server::stop(server)?;
    println!("\nfilling an inbox with {events} events");
    let progress = ProgressBar::new(events.into());
    let span = Span { began: now_seconds().saturating_sub(TWO_YEARS), events };
    let bytes = match &setup.database {
        Database::Sqlite(file) => {
            in_sqlite::fill(file, &mut bench.ids, &span, &progress)?;
            fs::metadata(file)?.len()
        }
        Database::Postgres(url) => in_postgres::fill(url, &bench.ids, &span, &progress)?,
    };
    progress.finish_and_clear();
    Ok(bytes)
}

/// A statement that repeats the first payment for every event, on both stores.
fn pay_for_every_event(columns: &[String]) -> String {
    let values = columns.iter().map(|column| match column.as_str() {
        "id" => "replace(event.id, 'evt_', 'pi_')".to_owned(),
        "event_id" => "event.id".to_owned(),
        "at" => "event.received_at".to_owned(),
        // Certainly of no invoice: provisional ones would be in no total.
        "no_invoice" => "50".to_owned(),
        other => format!("first.{other}"),
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let columns = columns.join(", ");
    // Without a condition SQLite would take the conflict for a part of the join.
    format!(
        "insert into payment ({columns}) select {values} \
         from event, (select * from payment limit 1) as first where true on conflict do nothing"
    )
}

/// Prints the shortest of a few attempts: what the command takes when nothing else disturbs it.
fn time(setup: &Setup, arguments: &[&str], aim_ms: f64, has_rows: bool) -> Result<(), Failure> {
    let mut shortest = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        let said = read(setup.command(arguments).stderr(Stdio::null()))?;
        shortest = shortest.min(started.elapsed());
        if has_rows && said.is_empty() {
            return Err(format!("{} shows nothing", arguments.join(" ")).into());
        }
    }
    let took = shortest.as_secs_f64() * 1000.0;
    let met = if took <= aim_ms { "met" } else { "NOT MET" };
    println!("    {}: {took:.1} ms   {met} (aim: {aim_ms} ms)", arguments.join(" "));
    Ok(())
}
