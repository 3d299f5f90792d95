//! A full disk: the server says so, stays alive, and goes on by itself when there is room again.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use portal_harness::database::Database;
use portal_harness::server::{self, Setup};
use xtask::figures;
use xtask::run::{Background, Failure, command, read, succeeds, wait_for};
use xtask::steps::NotRun;

use crate::crash::book::{Book, Shared, counts, lock};
use crate::crash::load::Load;
use crate::crash::{expect_no_refusal, inbox};

/// Room for a few seconds of load, and small enough to be filled at once.
const DISK: &str = "size=128m";

const CONNECTIONS: usize = 4;

/// The length of each part of the load.
const PART: Duration = Duration::from_secs(1);

/// The time in which the server must notice that the disk is full, or is no longer.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs the server on a disk of its own, which only it can see by its path.
pub(crate) async fn full_disk(program: &Path, seed: u64) -> Result<(), Failure> {
    let folder = server::empty_folder("full-disk")?;
    println!("the server's log: {}", folder.display());
    let disk = folder.join("disk");
    fs::create_dir(&disk)?;
    let mut probe = within_own_mounts(&disk)?;
    if !succeeds(probe.arg("true")) {
        return Err(NotRun("this machine lets nobody mount a tmpfs (unshare, mount)".into()).into());
    }
    let mut setup = Setup::new(program, &folder, "portal")?;
    setup.database = Database::Sqlite(disk.join("portal.db"));
    let mut server = setup.start_within(within_own_mounts(&disk)?)?;
    let disk = seen_from_here(&server, &disk);
    let book = Book::open(seed)?;

    send_for(PART, &setup, &book).await?;
    expect_no_refusal(&book)?;
    let (before, _) = counts(&book);

    while_full(&setup, &book, &disk).await?;
    println!("full: 503 with Retry-After; /health 200; /health/ready 503");

    fs::remove_file(disk.join("filler"))?;
    let started = Instant::now();
    wait_for("the server to be ready again", LIMIT, || {
        Ok((setup.status("/health/ready") == Some(200)).then_some(()))
    })?;
    let took = started.elapsed().as_millis();
    let (_, refused) = counts(&book);
    send_for(PART, &setup, &book).await?;
    if counts(&book).1 > refused {
        return Err("deliveries were refused although there was room again".into());
    }
    server.check_alive()?;
    println!("room again: ready after {took} ms, without a restart");

    let found = inbox::check(&copy(&disk, &folder)?, &book)?;
    println!("{found}; {before} before the disk was full\n{}", lock(&book));
    server::stop(server)?;
    figures::highest("ready again after, ms", took)?;
    found.tell()?;
    found.expect_nothing_lost()
}

async fn send_for(time: Duration, setup: &Setup, book: &Shared) -> Result<(), Failure> {
    let mut load = Load::start(&[setup.address], book, CONNECTIONS).await?;
    load.run_for(time).await?;
    load.stop().await
}

/// Fills the disk, until nothing is taken in any more.
async fn while_full(setup: &Setup, book: &Shared, disk: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    loop {
        fill(&disk.join("filler"))?;
        let (acknowledged, refused) = counts(book);
        send_for(PART / 2, setup, book).await?;
        let health = [setup.status("/health"), setup.status("/health/ready")];
        let after = counts(book);
        let (taken_in, refused) = (after.0 > acknowledged, after.1 > refused);
        if refused && !taken_in && health == [Some(200), Some(503)] {
            return Ok(());
        }
        // The server may find room within its own files, as a log that it starts anew.
        if started.elapsed() > LIMIT {
            let told = format!("taken in: {taken_in}, refused: {refused}, health: {health:?}");
            return Err(format!("the disk is full, and the server does not show it: {told}").into());
        }
    }
}

/// Takes all the room that is left.
fn fill(filler: &Path) -> Result<(), Failure> {
    let mut file = File::options().create(true).append(true).open(filler)?;
    loop {
        match file.write(&[0; 64 * 1024]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A command that mounts a disk at `at`, where no other process sees it, and becomes the program
/// given as its last arguments.
fn within_own_mounts(at: &Path) -> Result<Command, Failure> {
    let mut outer = command("unshare", &["--mount"]);
    if read(&mut command("id", &["-u"]))?.trim() != "0" {
        outer.arg("--map-root-user");
    }
    let mount = format!("mount -t tmpfs -o {DISK} tmpfs \"$0\" && exec \"$@\"");
    outer.args(["sh", "-c", &mount]).arg(at);
    Ok(outer)
}

/// Returns the path by which other processes reach `path` of the server's own mounts.
fn seen_from_here(server: &Background, path: &Path) -> PathBuf {
    let root = format!("/proc/{}/root", server.id());
    Path::new(&root).join(path.strip_prefix("/").unwrap_or(path))
}

/// Copies the database out. SQLite itself would not find it: it resolves the link `root`, and
/// then looks at this process's own mounts. Nobody writes meanwhile.
fn copy(disk: &Path, folder: &Path) -> Result<Database, Failure> {
    let copied = folder.join("copied.db");
    fs::copy(disk.join("portal.db"), &copied)?;
    fs::copy(disk.join("portal.db-wal"), folder.join("copied.db-wal"))?;
    Ok(Database::Sqlite(copied))
}
