//! Power cuts under load: what was acknowledged is there, whatever else the disk had taken in.
//!
//! The server keeps a journal of what it does to the files of its database (`shim/journal.c`). After a
//! kill, these are replaced by what a disk may hold of them had the power gone at that instant
//! (`image`), and the server starts again on that.

mod rounds;

mod lives;

mod tally;

mod cut;
mod disk;

mod image;
mod journal;

use std::fs;
use std::path::Path;

use portal_harness::server;
use tokio::runtime::Runtime;
use xtask::chance::Chance;
use xtask::run::Failure;

use self::lives::UnderTest;
use self::rounds::PowerCuts;

/// Cuts the power so many times, and counts what is missing.
pub(crate) fn run(
    runtime: &Runtime,
    program: &Path,
    rounds: u32,
    seed: u64,
) -> Result<(), Failure> {
    let folder = server::empty_folder("power-cut")?;
    println!("the database, its journal and the server's log: {}", folder.display());
    let mut chance = Chance::new(seed);
    let under_test = UnderTest::new(runtime, program, &folder, chance.draw())?;
    let mut cuts = PowerCuts::new(under_test, chance);
    let made = cuts.make(rounds);
    cuts.print_complaints();
    if made.is_err() {
        let image = folder.join("image");
        disk::write_to(&image, cuts.held())?;
        println!("what the disk held after the last power cut: {}", image.display());
    }
    made?;
    Ok(fs::remove_dir_all(folder)?)
}
