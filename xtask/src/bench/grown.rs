//! The inbox and the ledger do not slow down as they grow.

mod in_postgres;
mod in_sqlite;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::bench::side_by_side::{self, Contender, Plan};
use crate::bench::{Bench, closed_loop};
use crate::database::Database;
use crate::delivery::now_seconds;
use crate::run::{Background, Failure};
use crate::server::{self, Setup};

/// The time over which the events of the grown inbox came in.
const TWO_YEARS: u64 = 2 * 365 * 24 * 3600;

/// Rows to a transaction while filling.
const CHUNK: u32 = 100_000;

/// How many events `events list` is timed with.
const LISTED: u32 = 20;

/// The share of an empty inbox's rate that a grown one is to have.
const AIM: f64 = 0.9;

/// What is compared.
pub(crate) struct Inboxes {
    pub(crate) grown: Setup,
    pub(crate) fresh: Setup,
}

/// Where the events of the grown inbox lie in time.
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
        let (listing, memory) = (time_of_listing(setup)?, peak_memory(&server)?);
        let listing = listing.as_secs_f64() * 1000.0;
        println!("  {name}: peak memory {memory}; `events list --limit {LISTED}` {listing:.1} ms");
        server::stop(server)?;
    }
    Ok(())
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

/// The shortest of a few attempts: what the command takes when nothing else disturbs it.
fn time_of_listing(setup: &Setup) -> Result<Duration, Failure> {
    let mut shortest = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        let listed = setup.events(LISTED)?.len();
        shortest = shortest.min(started.elapsed());
        if listed != usize::try_from(LISTED)? {
            return Err(format!("`events list` showed {listed} events").into());
        }
    }
    Ok(shortest)
}

/// The most memory that a process has held.
fn peak_memory(process: &Background) -> Result<String, Failure> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(peak.ok_or("/proc tells no VmHWM")?.trim().to_owned())
}
