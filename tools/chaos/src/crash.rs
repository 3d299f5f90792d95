//! `crash`: what the server has acknowledged is there, once, with what it changed, whatever happens to
//! the server.
//!
//! A killed process loses nothing that it handed to the kernel, so a kill proves the order of writing
//! and answering, and the recovery. A power cut (`power_cut`) also takes what was not synced, so it
//! proves that an answer waits for its sync. Neither proves that a disk keeps what it says is synced.

mod rounds;
mod scene;

mod power_cut;

mod outage;

mod full_disk;

mod at_once;

mod book;
mod load;

mod inbox;

use clap::Args;
use portal_harness::database::Store;
use portal_harness::server::Build;
use tokio::runtime::Builder;
use xtask::chance::Chance;
use xtask::run::Failure;
use xtask::steps::Steps;

use self::book::{Shared, lock};

/// The faults to make.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Store of the server; on PostgreSQL there are two servers, and PostgreSQL is restarted too
    #[arg(long, value_enum, default_value_t)]
    store: Store,
    #[command(flatten)]
    build: Build,
    /// Number of kills, or of power cuts
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Repeat the instants of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Fill the server's disk instead, and empty it again.
    #[arg(long, conflicts_with_all = ["rounds", "store"])]
    full_disk: bool,
    /// Cut the power instead: after a kill, start again on what a disk may hold of all that was
    /// written and not synced. On SQLite.
    #[arg(long, conflicts_with_all = ["store", "full_disk", "payments"])]
    power_cut: bool,
    /// Deliver so many payments instead, and look for each one's donation as soon as it is
    /// acknowledged.
    #[arg(long, conflicts_with_all = ["rounds", "full_disk"])]
    payments: Option<usize>,
}

/// Does it, and counts what is missing.
pub(crate) fn crash(arguments: &Arguments) -> Result<(), Failure> {
    let program = arguments.build.program()?;
    let seed = arguments.seed.unwrap_or_else(Chance::fresh_seed);
    println!("seed {seed}");
    // The load goes on while this thread kills and starts.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut steps = Steps::default();
    if arguments.full_disk {
        steps.take("full disk", || runtime.block_on(full_disk::full_disk(&program, seed)));
    } else if let Some(payments) = arguments.payments {
        let name = format!("{payments} donations, each there at once");
        steps.take(&name, || at_once::run(&program, arguments.store, payments, seed));
    } else if arguments.power_cut {
        let rounds = arguments.rounds;
        let name = format!("{rounds} power cuts at random instants");
        steps.take(&name, || power_cut::run(&runtime, &program, rounds, seed));
    } else {
        let rounds = arguments.rounds;
        let name = format!("{rounds} kills at random instants");
        steps.take(&name, || rounds::run(&runtime, &program, arguments.store, rounds, seed));
    }
    steps.finish()
}

/// Fails where a delivery was refused for no reason that the test gave.
fn expect_no_refusal(book: &Shared) -> Result<(), Failure> {
    let book = lock(book);
    match book.refused - book.excused {
        0 => Ok(()),
        refused => {
            Err(format!("{refused} deliveries were answered 503 by a server in health").into())
        }
    }
}
