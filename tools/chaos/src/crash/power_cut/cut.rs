//! One power cut: what becomes of the files.

use std::slice;

use xtask::chance::Chance;
use xtask::run::Failure;

use super::disk::Disk;
use super::image::{Files, Unsynced, build};
use super::journal::{Entry, Operation, read};

/// Of the writes that no sync covers a share arrives that is drawn for each power cut: none, one
/// fourth and so on, all.
const SHARES: u64 = 4;

/// One in so many is torn instead, if some arrive and some do not.
const TORN_ONE_IN: u64 = 4;

/// The files that a power cut has left, and the writes that it took.
pub(crate) struct Cut {
    pub(crate) image: Files,
    pub(crate) unsynced: Unsynced,
    /// Syncs of the database's own file under load.
    pub(crate) syncs: usize,
    /// True if writes to that file were not synced.
    pub(crate) copying: bool,
}

/// Cuts the power of `disk`, which held the files `before` when its journal began, and had this many
/// entries when the load began, if there was any. The database is the file `main`.
pub(crate) fn cut(
    disk: &Disk,
    before: &Files,
    main: &str,
    load_begins: Option<usize>,
    chance: &mut Chance,
) -> Result<Cut, Failure> {
    let journal = disk.journal()?;
    let entries = read(&journal)?;
    check(disk, before, &entries)?;
    let under_load = entries.get(load_begins.unwrap_or(entries.len())..).unwrap_or_default();
    let syncs = syncs_of(main, under_load);
    let (share, mut copying) = (chance.draw() % (SHARES + 1), false);
    let (image, unsynced) = build(before, &entries, |entry| {
        copying |= entry.name == main && matches!(entry.operation, Operation::Write { .. });
        fate(chance, share)
    })?;
    disk.replace(&image)?;
    Ok(Cut { image, unsynced, syncs, copying })
}

/// Counts the syncs of the file `name`.
pub(crate) fn syncs_of(name: &str, entries: &[Entry<'_>]) -> usize {
    let is_sync = |it: &&Entry<'_>| matches!(it.operation, Operation::Sync { .. });
    entries.iter().filter(|it| it.name == name).filter(is_sync).count()
}

/// Draws which sectors of a write arrive: none, all or any.
fn fate(chance: &mut Chance, share: u64) -> u64 {
    if !share.is_multiple_of(SHARES) && chance.draw().is_multiple_of(TORN_ONE_IN) {
        chance.draw()
    } else if chance.draw() % SHARES < share {
        u64::MAX
    } else {
        0
    }
}

/// Fails where the journal does not tell all that was done since the files `before`: a power cut of
/// something else would prove nothing.
fn check(disk: &Disk, before: &Files, entries: &[Entry<'_>]) -> Result<(), Failure> {
    let (told, _) = build(before, entries, |_| u64::MAX)?;
    // The kill may have come between the last entry and what it tells of.
    let last = entries.last().map(slice::from_ref).unwrap_or_default();
    let (found, _) = build(&disk.files()?, last, |_| u64::MAX)?;
    if told == found {
        return Ok(());
    }
    let names = told.keys().chain(found.keys());
    let differs = names.filter(|name| told.get(*name) != found.get(*name));
    let differs = differs.map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(format!("the journal does not tell all that was done to {differs}").into())
}

#[cfg(test)]
mod tests {
    use super::{SHARES, fate};
    use xtask::chance::Chance;

    #[test]
    fn a_power_cut_takes_nothing_or_all_or_any_sectors() {
        let mut chance = Chance::new(1);
        let mut fates = |share| (0..1000).map(|_| fate(&mut chance, share)).collect::<Vec<_>>();
        assert!(fates(0).iter().all(|it| *it == 0));
        assert!(fates(SHARES).iter().all(|it| *it == u64::MAX));
        let some = fates(SHARES / 2);
        let torn = some.iter().filter(|it| ![0, u64::MAX].contains(*it)).count();
        assert!(some.contains(&0) && some.contains(&u64::MAX) && (200..300).contains(&torn));
    }
}
