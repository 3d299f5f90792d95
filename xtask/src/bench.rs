//! `bench`: the server beside another program, in one run, as ratios.
//!
//! Rates of one machine say little about another, and a busy machine changes from minute to minute.
//! So both processes live at once, rounds alternate between them, and what counts is the median of
//! the ratios of neighbouring rounds.
#![expect(clippy::float_arithmetic, reason = "rates and ratios are no money")]

mod postgres;
mod sqlite;
mod worker;

mod straightforward;

mod floor;

mod closed_loop;
mod open_loop;
mod side_by_side;

mod grown;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::runtime::Runtime;

use crate::chance::Chance;
use crate::database::Store;
use crate::delivery::{Deliveries, IdShape, Ids};
use crate::run::Failure;
use crate::server;

pub(crate) use self::floor::{FloorArguments, floor};
pub(crate) use self::straightforward::{StraightforwardArguments, straightforward};

/// How long one measurement may take before a process counts as hanging.
const LIMIT: Duration = Duration::from_secs(300);

/// What to measure.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What the server works on. On PostgreSQL it is measured beside a straightforward service.
    #[arg(long, value_enum, default_value_t)]
    store: Store,
    /// Measure the Worker instead, with and without D1.
    #[arg(long, conflicts_with = "store")]
    worker: bool,
    /// Measure this build of the server, such as an older one, instead of the project as it is.
    #[arg(long, value_name = "PATH", conflicts_with = "worker")]
    server: Option<PathBuf>,
    /// Requests to each process in each round; 25000, or 10000 on PostgreSQL.
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
    /// Requests a second for the latencies at a fixed rate; 2000, or 1000 on PostgreSQL.
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
        self.requests.unwrap_or(match self.store {
            Store::Sqlite => 25_000,
            Store::Postgres => 10_000,
        })
    }

    fn rate(&self) -> u32 {
        self.rate.unwrap_or(match self.store {
            Store::Sqlite => 2000,
            Store::Postgres => 1000,
        })
    }

    fn seconds(&self) -> u32 {
        self.seconds.unwrap_or(if self.worker { 60 } else { 10 })
    }
}

/// Measures; fails where any answer is not a 200.
pub(crate) fn bench(arguments: Arguments) -> Result<(), Failure> {
    let arguments = arguments.or_quick();
    let folder = server::empty_folder("bench")?;
    let shape = if arguments.random_ids { IdShape::Random } else { IdShape::Stripe };
    let mut bench = Bench {
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        deliveries: Deliveries::new()?,
        ids: Ids::new(shape, Chance::fresh_seed()),
    };
    if arguments.worker {
        worker::run(&bench, arguments.seconds(), &folder)?;
    } else {
        let program = arguments.server.clone().map_or_else(server::build_release, Ok)?;
        match arguments.store {
            Store::Sqlite => sqlite::run(&mut bench, &arguments, &program, &folder)?,
            Store::Postgres => postgres::run(&mut bench, &arguments, &program, &folder)?,
        }
    }
    // Gigabytes, perhaps.
    Ok(fs::remove_dir_all(folder)?)
}

/// What all measurements need.
struct Bench {
    /// One thread, so that the sender takes no more of the machine than it must.
    runtime: Runtime,
    deliveries: Deliveries,
    ids: Ids,
}

impl Bench {
    /// Does `work` to its end; fails where the end does not come.
    fn wait_for<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let ended = self.runtime.block_on(async { tokio::time::timeout(LIMIT, work).await });
        ended.map_err(|_| format!("answers are missing after {LIMIT:?}"))?
    }

    /// So many whole requests, each of an event of its own, ready to be sent.
    fn requests(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.deliveries.request(&self.ids.draw())).collect()
    }
}

/// What to say of an aim.
fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "NOT MET" }
}
