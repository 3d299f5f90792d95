//! The lives of the server between two power cuts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use portal_harness::database::Database;
use portal_harness::server::Setup;
use tokio::runtime::Runtime;
use xtask::chance::Chance;
use xtask::run::{Background, Failure, command, run};

use super::cut::syncs_of;
use super::disk::Disk;
use super::journal::read;
use crate::crash::book::{Book, Shared};
use crate::crash::load::Load;
use crate::crash::{expect_no_refusal, inbox};

/// The name of the database's own file.
pub(crate) const MAIN: &str = "portal.db";

/// Connections that deliver at once: enough that every write is of a group.
const CONNECTIONS: usize = 16;

/// The most milliseconds that a server lives under load, also after a copy, …
const LIFE_MS: u64 = 1000;

/// … that it goes on once it has begun to copy its log into the database, …
const COPY_MS: u64 = 12;

/// … that it lives where the power is cut while it starts, …
const START_MS: u64 = 60;

/// … and where it is cut while it stops: of the last three about what each takes.
const STOP_MS: u64 = 100;

/// The time within which the log is full and copied, on a slow disk.
const COPY_WITHIN: Duration = Duration::from_secs(60);

/// The pause between two looks at the database's file, …
const POLL: Duration = Duration::from_millis(1);

/// … and between two at the journal, which takes longer.
const POLL_JOURNAL: Duration = Duration::from_millis(50);

/// By turns, so that a short run has each of them.
pub(crate) const MOMENTS: [Moment; 5] =
    [Moment::Start, Moment::Copy, Moment::Stop, Moment::Load, Moment::AfterCopy];

/// The moment of a power cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// While the server makes its database, or starts on what the cut before has left.
    Start,
    /// While the log is copied into the database.
    Copy,
    /// While the server stops in its own way, which copies the log and removes it.
    Stop,
    /// At any instant under load.
    Load,
    /// After a copy, when the log is being written over.
    AfterCopy,
}

/// The server, its disk and what was sent to it.
pub(crate) struct UnderTest<'r> {
    runtime: &'r Runtime,
    pub(crate) setup: Setup,
    main: PathBuf,
    pub(crate) disk: Disk,
    pub(crate) book: Shared,
}

impl<'r> UnderTest<'r> {
    /// The files of the database are in a folder of their own within `folder`.
    pub(crate) fn new(
        runtime: &'r Runtime,
        program: &Path,
        folder: &Path,
        seed: u64,
    ) -> Result<Self, Failure> {
        let own = folder.join("disk");
        fs::create_dir(&own)?;
        let (main, disk) = (own.join(MAIN), Disk::new(&own, folder)?);
        let setup = Setup::on(Database::Sqlite(main.clone()), program, folder, "portal")?;
        Ok(Self { runtime, setup, main, disk, book: Book::open(seed)? })
    }

    /// Lets the server live until `moment`, and kills it. Returns the place in the journal from which
    /// on there was load and nothing else, where there was any.
    pub(crate) fn live(
        &self,
        moment: Moment,
        chance: &mut Chance,
    ) -> Result<Option<usize>, Failure> {
        if moment != Moment::Start {
            return self.live_under_load(moment, chance);
        }
        let mut serve = self.setup.command(&["serve"]);
        serve.envs(self.disk.begin()?).stdout(Stdio::null());
        let mut server = Background::start(&mut serve)?;
        sleep(up_to(START_MS, chance));
        server.kill();
        Ok(None)
    }

    /// The same with a look at what the last power cut has left, and load after it.
    fn live_under_load(
        &self,
        moment: Moment,
        chance: &mut Chance,
    ) -> Result<Option<usize>, Failure> {
        let mut server = self.setup.start_with(&self.disk.begin()?)?;
        inbox::check(&self.setup.database, &self.book)?.expect_nothing_lost()?;
        self.setup.check_ledger()?;
        let begins = read(&self.disk.journal()?)?.len();
        let address = [self.setup.address];
        let mut load = self.runtime.block_on(Load::start(&address, &self.book, CONNECTIONS))?;
        let life = up_to(self.lead_up_to(moment, &mut load, begins)?, chance);
        self.runtime.block_on(load.run_for(life))?;
        if moment == Moment::Stop {
            // A delivery after the signal would be refused, as it should.
            self.runtime.block_on(load.stop())?;
            run(&mut command("kill", &["-TERM", &server.id().to_string()]))?;
            sleep(up_to(STOP_MS, chance));
            server.kill();
        } else {
            server.kill();
            self.runtime.block_on(load.stop())?;
        }
        expect_no_refusal(&self.book)?;
        Ok((moment != Moment::Stop).then_some(begins))
    }

    /// Lets the load go on until `moment` is near; returns the most milliseconds that are left to it.
    fn lead_up_to(&self, moment: Moment, load: &mut Load, begins: usize) -> Result<u64, Failure> {
        Ok(match moment {
            Moment::Start | Moment::Stop | Moment::Load => LIFE_MS,
            Moment::Copy => {
                let before = self.written_at()?;
                self.send_until(load, POLL, || Ok(self.written_at()? != before))?;
                COPY_MS
            }
            Moment::AfterCopy => {
                self.send_until(load, POLL_JOURNAL, || self.has_copied(begins))?;
                LIFE_MS
            }
        })
    }

    fn send_until(
        &self,
        load: &mut Load,
        poll: Duration,
        happened: impl Fn() -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        while !happened()? && begun.elapsed() < COPY_WITHIN {
            self.runtime.block_on(load.run_for(poll))?;
        }
        Ok(())
    }

    fn written_at(&self) -> Result<SystemTime, Failure> {
        Ok(fs::metadata(&self.main)?.modified()?)
    }

    fn has_copied(&self, begins: usize) -> Result<bool, Failure> {
        let journal = self.disk.journal()?;
        let entries = read(&journal)?;
        Ok(syncs_of(MAIN, entries.get(begins..).unwrap_or_default()) > 0)
    }
}

fn up_to(milliseconds: u64, chance: &mut Chance) -> Duration {
    Duration::from_millis(chance.draw() % milliseconds)
}
