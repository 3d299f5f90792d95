//! Rounds: a life of the server, a power cut, and a look at what it has left.

use indicatif::ProgressBar;
use portal_harness::server;
use xtask::chance::Chance;
use xtask::figures;
use xtask::run::Failure;

use super::cut::cut;
use super::image::Files;
use super::lives::{MAIN, MOMENTS, UnderTest};
use super::tally::Tally;
use crate::crash::book::Book;
use crate::crash::inbox;

/// Power cuts of one database. The next ones get a new one, because each look reads all of it.
const CUTS_OF_DATABASE: u32 = 20;

/// A server whose disk loses its power again and again.
pub(crate) struct PowerCuts<'r> {
    under_test: UnderTest<'r>,
    chance: Chance,
    /// The files as the last power cut has left them.
    held: Files,
    tally: Tally,
}

impl<'r> PowerCuts<'r> {
    /// None so far.
    pub(crate) fn new(under_test: UnderTest<'r>, chance: Chance) -> Self {
        Self { under_test, chance, held: Files::new(), tally: Tally::default() }
    }

    /// Makes so many, looks at what each has left, and prints the figures of all.
    pub(crate) fn make(&mut self, rounds: u32) -> Result<(), Failure> {
        let progress = ProgressBar::new(rounds.into());
        for (round, moment) in (0..rounds).zip(MOMENTS.into_iter().cycle()) {
            if round > 0 && round.is_multiple_of(CUTS_OF_DATABASE) {
                self.finish_database()?;
                self.begin_database()?;
            }
            let load_begins = self.under_test.live(moment, &mut self.chance)?;
            let disk = &self.under_test.disk;
            let cut = cut(disk, &self.held, MAIN, load_begins, &mut self.chance)?;
            self.tally.count(&cut);
            self.held = cut.image;
            progress.inc(1);
        }
        progress.finish_and_clear();
        self.finish_database()?;
        println!("{rounds} power cuts: {}", self.tally);
        figures::sum("power cuts", rounds)?;
        self.tally.tell()?;
        self.tally.expect_copies()
    }

    /// The files as the last power cut has left them; the server may have changed them since.
    pub(crate) fn held(&self) -> &Files {
        &self.held
    }

    /// Prints of what the server's log complains.
    pub(crate) fn print_complaints(&self) {
        for (complaint, count) in self.under_test.setup.complaints() {
            println!("the server logged {count} times: {complaint}");
        }
    }

    fn begin_database(&mut self) -> Result<(), Failure> {
        self.held = Files::new();
        self.under_test.book = Book::open(self.chance.draw())?;
        self.under_test.disk.replace(&self.held)
    }

    fn finish_database(&mut self) -> Result<(), Failure> {
        let UnderTest { setup, book, .. } = &self.under_test;
        let server = setup.start()?;
        let found = inbox::check(&setup.database, book)?;
        found.expect_nothing_lost()?;
        setup.check_ledger()?;
        self.tally.found += found;
        server::stop(server)
    }
}
