//! The figures of all power cuts of a run.

use std::fmt;

use xtask::figures;
use xtask::run::Failure;

use super::cut::Cut;
use super::image::Unsynced;
use crate::crash::inbox::Findings;

/// The findings in each database, and the writes that its power cuts took.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) found: Findings,
    unsynced: Unsynced,
    /// Syncs of the database's own file under load: each ends a copy of the log into it.
    syncs: usize,
    /// Power cuts that took writes to that file.
    copies: usize,
}

impl Tally {
    /// Counts one power cut.
    pub(crate) fn count(&mut self, cut: &Cut) {
        self.syncs += cut.syncs;
        self.copies += usize::from(cut.copying);
        self.unsynced.writes += cut.unsynced.writes;
        self.unsynced.dropped += cut.unsynced.dropped;
        self.unsynced.torn += cut.unsynced.torn;
    }

    /// Tells its numbers as figures.
    pub(crate) fn tell(&self) -> Result<(), Failure> {
        let Unsynced { writes, dropped, torn } = self.unsynced;
        figures::sum("writes not synced", writes)?;
        figures::sum("of them dropped", dropped)?;
        figures::sum("of them torn", torn)?;
        let copies = "cuts between the writes to the database's own file and their sync";
        figures::sum(copies, self.copies)?;
        self.found.tell()
    }

    /// Fails where the log was never copied into the database: that is what a power cut may spoil.
    pub(crate) fn expect_copies(&self) -> Result<(), Failure> {
        if self.syncs > 0 {
            return Ok(());
        }
        Err("the database's own file was never synced: the rounds are too short".into())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, unsynced, syncs, copies } = self;
        let Unsynced { writes, dropped, torn } = unsynced;
        write!(
            f,
            "{found}; {writes} writes were not synced, {dropped} of them dropped, {torn} torn\n\
             the database's own file was synced {syncs} times under load, and {copies} power cuts \
             fell between its writes and their sync"
        )
    }
}
