//! Rounds of load, each ended by a kill.

use std::fs;
use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use portal_harness::database::Store;
use portal_harness::server;
use tokio::runtime::Runtime;
use xtask::chance::Chance;
use xtask::figures;
use xtask::run::Failure;

use crate::crash::book::{Book, Shared, lock};
use crate::crash::load::Load;
use crate::crash::outage::Outages;
use crate::crash::scene::Scene;
use crate::crash::{expect_no_refusal, inbox};

/// Connections that deliver at once: enough that every write is of a group.
const CONNECTIONS: usize = 16;

/// A server lives for at least so many milliseconds, so that there is something to lose …
const LIFE_MS_MIN: u64 = 20;

/// … and for so many more at most.
const LIFE_MS_SPREAD: u64 = 1000;

/// In one of so many rounds the database goes away as well.
const OUTAGE_ONE_IN: u64 = 3;

/// The time for which the server that is left does the work of both.
const ALONE: Duration = Duration::from_millis(300);

/// Kills so many times, and counts what is missing.
pub(crate) fn run(
    runtime: &Runtime,
    program: &Path,
    store: Store,
    rounds: u32,
    seed: u64,
) -> Result<(), Failure> {
    let folder = server::empty_folder("crash")?;
    println!("the database and the server's log: {}", folder.display());
    let book = Book::open(seed)?;
    let mut scene = Scene::new(store, program, &folder)?;
    let played = play(runtime, &mut scene, &book, rounds, seed);
    scene.print_complaints();
    played?;
    drop(scene);
    // After a failure the logs stay, and so does a database that is a file.
    Ok(fs::remove_dir_all(folder)?)
}

fn play(
    runtime: &Runtime,
    scene: &mut Scene,
    book: &Shared,
    rounds: u32,
    seed: u64,
) -> Result<(), Failure> {
    let mut chance = Chance::new(seed.wrapping_add(1));
    let mut outages = Outages::default();
    let progress = ProgressBar::new(rounds.into());
    for _ in 0..rounds {
        scene.start()?;
        inbox::check(&scene.database, book)?.expect_nothing_lost()?;
        scene.expect_ledger()?;
        round(runtime, scene, book, &mut chance, &mut outages)?;
        expect_no_refusal(book)?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    scene.start()?;
    let found = inbox::check(&scene.database, book)?;
    scene.expect_ledger()?;
    scene.stop()?;
    println!("{rounds} rounds: {found}\n{}", lock(book));
    if scene.cluster.is_some() {
        println!("{outages}");
        outages.tell()?;
    }
    figures::sum("kills", rounds)?;
    found.tell()?;
    found.expect_nothing_lost()
}

/// Both servers under load, perhaps without their database for a moment, then one of them alone.
fn round(
    runtime: &Runtime,
    scene: &mut Scene,
    book: &Shared,
    chance: &mut Chance,
    outages: &mut Outages,
) -> Result<(), Failure> {
    let addresses = scene.addresses();
    let mut life = || Duration::from_millis(LIFE_MS_MIN + chance.draw() % LIFE_MS_SPREAD);
    let (life, life_after_outage) = (life(), life() / 2);
    let mut load = runtime.block_on(Load::start(&addresses, book, CONNECTIONS))?;
    runtime.block_on(load.run_for(life))?;
    if let Some(cluster) = &scene.cluster
        && chance.draw().is_multiple_of(OUTAGE_ONE_IN)
    {
        outages.make_one(cluster, book, &addresses)?;
        runtime.block_on(load.run_for(life_after_outage))?;
    }
    if scene.kill_one(chance.draw()) > 0 {
        runtime.block_on(load.go_on_for(ALONE))?;
    }
    runtime.block_on(load.stop())
}
