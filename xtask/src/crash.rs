//! `crash`: what the server has acknowledged is there, once, whatever happens to the server.
//!
//! A killed process loses nothing that it handed to the kernel, so this proves the order of writing
//! and answering, and the recovery; it does not prove that the disk keeps what it is told to sync.

mod full_disk;
mod inbox;
mod load;

use std::fs;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;

use crate::chance::Chance;
use crate::run::Failure;
use crate::server::{self, Setup};
use crate::steps::Steps;

use self::load::{Book, Load};

/// Connections that deliver at once: enough that every write is of a group.
const CONNECTIONS: usize = 16;

/// A server lives for at least so many milliseconds, so that there is something to lose …
const LIFE_MS_MIN: u64 = 20;

/// … and for so many more at most.
const LIFE_MS_SPREAD: u64 = 1000;

/// What to do to the server.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How often to kill the server.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Repeat the instants of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Fill the server's disk instead, and empty it again.
    #[arg(long, conflicts_with = "rounds")]
    full_disk: bool,
}

/// Does it, and counts what is missing.
pub(crate) fn crash(arguments: &Arguments) -> Result<(), Failure> {
    let program = server::build_release()?;
    let seed = arguments.seed.unwrap_or_else(Chance::fresh_seed);
    println!("seed {seed}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut steps = Steps::default();
    if arguments.full_disk {
        steps.take("full disk", || runtime.block_on(full_disk::full_disk(&program, seed)));
    } else {
        let rounds = arguments.rounds;
        let name = format!("{rounds} kills at random instants");
        steps.take(&name, || runtime.block_on(kill_again_and_again(&program, rounds, seed)));
    }
    steps.finish()
}

async fn kill_again_and_again(program: &Path, rounds: u32, seed: u64) -> Result<(), Failure> {
    let folder = server::empty_folder("crash")?;
    println!("the database and the server's log: {}", folder.display());
    let setup = Setup::new(program, &folder, "portal")?;
    let book = Book::open(seed)?;
    let mut chance = Chance::new(seed.wrapping_add(1));
    let progress = ProgressBar::new(rounds.into());
    for _ in 0..rounds {
        let mut server = setup.start()?;
        let found = inbox::check(&setup.database, &book)?;
        found.expect_nothing_lost()?;
        let life = Duration::from_millis(LIFE_MS_MIN + chance.draw() % LIFE_MS_SPREAD);
        let mut load = Load::start(setup.address, &book, CONNECTIONS).await?;
        load.run_for(life).await?;
        server.kill();
        load.stop().await?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    let server = setup.start()?;
    let settled = inbox::expect_settled(&setup.database)?;
    let found = inbox::check(&setup.database, &book)?;
    server::stop(server)?;
    println!("{rounds} rounds: {found}\n{settled}\n{}", load::lock(&book));
    expect_no_refusal(&book)?;
    found.expect_nothing_lost()?;
    // Kept where something is wrong with it.
    Ok(fs::remove_dir_all(folder)?)
}

fn expect_no_refusal(book: &load::Shared) -> Result<(), Failure> {
    match load::lock(book).refused {
        0 => Ok(()),
        refused => {
            Err(format!("{refused} deliveries were answered 503 by a server in health").into())
        }
    }
}
