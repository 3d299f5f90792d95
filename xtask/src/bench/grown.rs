//! Whether the inbox slows down as it grows.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use rusqlite::{Connection, named_params};

use crate::bench::side_by_side::{self, Plan};
use crate::bench::{Bench, closed_loop};
use crate::delivery::now_seconds;
use crate::run::{Background, Failure};
use crate::server::{self, Setup};

/// The time over which the events of the grown inbox came in.
const TWO_YEARS: u64 = 2 * 365 * 24 * 3600;

/// Rows to a transaction while filling.
const CHUNK: u32 = 100_000;

/// How many events `events list` is timed with.
const LISTED: u32 = 20;

/// Compares a server whose inbox is empty with one whose inbox holds `events`.
pub(crate) fn run(
    bench: &mut Bench,
    plan: &Plan,
    program: &Path,
    folder: &Path,
    events: u32,
) -> Result<(), Failure> {
    let fresh = Setup::new(program, folder, "fresh")?;
    let grown = Setup::new(program, folder, "grown")?;
    fill(bench, &grown, events)?;
    let bytes = fs::metadata(&grown.database)?.len();
    println!("its size: {} MiB", bytes >> 20);
    let servers = [(&grown, grown.start()?), (&fresh, fresh.start()?)];
    side_by_side::run(bench, plan, ["grown inbox", "empty inbox"], [grown.address, fresh.address])?;
    for (name, (setup, server)) in ["grown", "empty"].into_iter().zip(servers) {
        let (listing, memory) = (time_of_listing(setup)?, peak_memory(&server)?);
        let listing = listing.as_secs_f64() * 1000.0;
        println!("  {name}: peak memory {memory}; `events list --limit {LISTED}` {listing:.1} ms");
        server::stop(server)?;
    }
    Ok(())
}

/// Lets the server make its schema and one row, and repeats that row under other ids.
fn fill(bench: &mut Bench, setup: &Setup, events: u32) -> Result<(), Failure> {
    let server = setup.start()?;
    let first = Arc::new(bench.requests(1));
    bench.wait_for(closed_loop::rate(setup.address, &first, 1))?;
    server::stop(server)?;

    let connection = Connection::open(&setup.database)?;
    connection.execute_batch("pragma synchronous = off; pragma cache_size = -1048576")?;
    let repeat = repeat_first_row(&connection)?;
    let began = now_seconds().saturating_sub(TWO_YEARS);
    println!("\nfilling an inbox with {events} events");
    let progress = ProgressBar::new(events.into());
    let mut written = 0;
    while written < events {
        let chunk = connection.unchecked_transaction()?;
        let mut insert = connection.prepare_cached(&repeat)?;
        let until = events.min(written + CHUNK);
        for event in written..until {
            let at = began + u64::from(event) * TWO_YEARS / u64::from(events);
            let id = bench.ids.draw_at(at);
            insert.execute(named_params! { ":id": id, ":at": i64::try_from(at)? })?;
        }
        chunk.commit()?;
        progress.inc((until - written).into());
        written = until;
    }
    progress.finish_and_clear();
    Ok(connection.execute_batch("pragma synchronous = full; pragma wal_checkpoint(truncate)")?)
}

/// A statement that inserts the first row again, with another id and other times.
fn repeat_first_row(connection: &Connection) -> Result<String, Failure> {
    let mut info =
        connection.prepare("select name from pragma_table_info('event') where name <> 'seq'")?;
    let columns = info.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let values = columns.iter().map(|column| match column.as_str() {
        "id" => ":id",
        "created" | "received_at" => ":at",
        "state" => "'done'",
        other => other,
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let columns = columns.join(", ");
    Ok(format!("insert into event ({columns}) select {values} from event where seq = 1"))
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
