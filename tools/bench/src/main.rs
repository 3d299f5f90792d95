//! `bench`: the server beside another program, in one run, as ratios.
//!
//! Rates of one machine say little about another, and a busy machine changes from minute to minute.
//! So both processes live at once, rounds alternate between them, and what counts is the median of
//! the ratios of neighbouring rounds.

mod peers;
mod postgres;
mod sqlite;
mod worker;

mod floor;
mod straightforward;

mod beside;

mod closed_loop;
mod open_loop;
mod side_by_side;

mod grown;

mod trend;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use portal_harness::database::Store;
use portal_harness::delivery::{Deliveries, IdShape, Ids};
use portal_harness::server::{self, Build};
use tokio::runtime::Runtime;
use xtask::chance::Chance;
use xtask::figures;
use xtask::run::Failure;

use self::floor::{FloorArguments, floor};
use self::straightforward::{StraightforwardArguments, straightforward};
use self::trend::Trend;

/// The time after which a measurement counts as hanging.
const LIMIT: Duration = Duration::from_secs(300);

/// Measure the server beside a bare handler, a straightforward service, or receivers in other
/// languages, in one run.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
#[command(args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
    #[command(subcommand)]
    beside: Option<Serve>,
}

/// A service that is measured beside the server, as a process of its own.
#[derive(Subcommand)]
enum Serve {
    /// The bare handler.
    #[command(hide = true)]
    Floor(FloorArguments),
    /// The straightforward service.
    #[command(hide = true)]
    Straightforward(StraightforwardArguments),
}

/// The measurements to make.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Store of the server; on PostgreSQL it is measured beside a straightforward service
    #[arg(long, value_enum, default_value_t)]
    store: Store,
    /// Measure the Worker instead, with and without D1.
    #[arg(long, conflicts_with_all = ["store", "server"])]
    worker: bool,
    /// Measure beside peers instead, on SQLite: the same in other languages, as one would write it
    /// in an afternoon.
    #[arg(long, conflicts_with_all = ["store", "worker", "grown", "sync_ms"])]
    peers: bool,
    #[command(flatten)]
    build: Build,
    /// Requests to each process in each round; 25000, or 10000 on PostgreSQL and beside peers.
    #[arg(long)]
    requests: Option<usize>,
    /// Rounds that count; one more goes before them, to warm up.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Connections that are kept open and busy.
    #[arg(long, value_delimiter = ',', default_value = "32,256")]
    connections: Vec<usize>,
    /// Event ids without any order, instead of ordered by time as Stripe's are.
    #[arg(long)]
    random_ids: bool,
    /// Requests a second for the latencies at a fixed rate; 2000, 1000 on PostgreSQL, or 200 beside
    /// peers.
    #[arg(long)]
    rate: Option<u32>,
    /// Seconds for the latencies at a fixed rate, or for the Worker's; 10, or 60 for the Worker's.
    #[arg(long)]
    seconds: Option<u32>,
    /// Also compare an empty inbox with one of so many events, such as 5000000.
    #[arg(long, value_name = "EVENTS")]
    grown: Option<u32>,
    /// On PostgreSQL: let each sync of the log take so many milliseconds longer, as on a disk across
    /// a network.
    #[arg(long, default_value_t = 0, value_name = "MS", value_parser = clap::value_parser!(u32).range(..=100))]
    sync_ms: u32,
    /// Append the figures to this file, one object a line.
    #[arg(long, value_name = "FILE")]
    trend: Option<PathBuf>,
    /// Only show that everything here runs; the numbers mean nothing.
    #[arg(long)]
    quick: bool,
}

impl Arguments {
    fn or_quick(self) -> Self {
        if !self.quick {
            return self;
        }
        let (requests, rate) = (Some(500), Some(200));
        Self { requests, rounds: 2, rate, seconds: Some(1), grown: Some(10_000), ..self }
    }

    fn requests(&self) -> usize {
        self.requests.unwrap_or(match (self.peers, self.store) {
            (false, Store::Sqlite) => 25_000,
            (false, Store::Postgres) | (true, _) => 10_000,
        })
    }

    fn rate(&self) -> u32 {
        self.rate.unwrap_or(match (self.peers, self.store) {
            (false, Store::Sqlite) => 2000,
            (false, Store::Postgres) => 1000,
            // The latency of one that cannot keep up only says for how long it was measured.
            (true, _) => 200,
        })
    }

    /// Returns the name of the measured store, or of the Worker.
    const fn of(&self) -> &'static str {
        match (self.worker, self.store) {
            (true, _) => "worker",
            (false, Store::Sqlite) => "sqlite",
            (false, Store::Postgres) => "postgres",
        }
    }

    fn seconds(&self) -> u32 {
        self.seconds.unwrap_or(if self.worker { 60 } else { 10 })
    }
}

fn main() -> ExitCode {
    let CommandLine { arguments, beside } = CommandLine::parse();
    xtask::at_root(|| match beside {
        None => bench(arguments),
        Some(Serve::Floor(arguments)) => floor(&arguments),
        Some(Serve::Straightforward(arguments)) => straightforward(&arguments),
    })
}

/// Measures; fails where any answer is not a 200.
fn bench(arguments: Arguments) -> Result<(), Failure> {
    let arguments = arguments.or_quick();
    let folder = server::empty_folder("bench")?;
    let trend = arguments.trend.as_deref();
    let shape = if arguments.random_ids { IdShape::Random } else { IdShape::Stripe };
    let mut bench = Bench {
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        deliveries: Deliveries::new()?,
        ids: Ids::new(shape, Chance::fresh_seed()),
        trend: trend.map(|file| Trend::open(file, arguments.of())).transpose()?,
    };
    if arguments.worker {
        worker::run(&mut bench, arguments.seconds())?;
    } else if arguments.peers {
        peers::run(&mut bench, &arguments, &folder)?;
    } else {
        let program = arguments.build.program()?;
        match arguments.store {
            Store::Sqlite => sqlite::run(&mut bench, &arguments, &program, &folder)?,
            Store::Postgres => postgres::run(&mut bench, &arguments, &program, &folder)?,
        }
    }
    // Gigabytes, perhaps.
    Ok(fs::remove_dir_all(folder)?)
}

/// The parts that all measurements need.
struct Bench {
    /// One thread, so that the sender takes no more of the machine than it must.
    runtime: Runtime,
    deliveries: Deliveries,
    ids: Ids,
    trend: Option<Trend>,
}

impl Bench {
    /// Does `work` to its end; fails where the end does not come.
    fn wait_for<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let ended = self.runtime.block_on(async { tokio::time::timeout(LIMIT, work).await });
        ended.map_err(|_| format!("answers are missing after {LIMIT:?}"))?
    }

    /// Tells a figure, and keeps it where that was asked for.
    fn keep(&mut self, figure: &str, value: f64) -> Result<(), Failure> {
        figures::highest(figure, value)?;
        self.trend.as_mut().map_or(Ok(()), |it| it.keep(figure, value))
    }

    /// So many whole requests, each of an event of its own, ready to be sent.
    fn requests(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.deliveries.request(&self.ids.draw())).collect()
    }
}

/// Returns the words for an aim.
fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "NOT MET" }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn peers_are_measured_by_themselves_and_on_sqlite_only() {
        let with = |more: &[&str]| {
            let words = ["bench", "--peers"].iter().chain(more);
            super::CommandLine::try_parse_from(words).is_ok()
        };
        assert!(with(&["--quick", "--requests", "100"]));
        let others: [&[&str]; 3] = [&["--worker"], &["--store", "postgres"], &["--grown", "1000"]];
        for other in others {
            assert!(!with(other), "{other:?}");
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        super::CommandLine::command().debug_assert();
    }
}
