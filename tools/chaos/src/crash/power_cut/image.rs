//! The files that a disk may hold after a power cut.
//!
//! All that a completed sync covers is there: the writes to a file by a sync of that file, the making and
//! removing of files by a sync of their folder. Of the writes that no sync covers any may be there, in
//! any combination, for the kernel and the disk write in the order that suits them; of one write any
//! of its sectors, because a disk promises no more than whole sectors. The changes of a folder arrive
//! in their order, as file systems with a journal have it (ext4, XFS, Btrfs).

use std::collections::BTreeMap;

use xtask::run::Failure;

use super::journal::{Entry, Operation};

/// The bytes that a disk writes as a whole: the smallest sector in use.
const SECTOR: usize = 512;

/// The bytes of files by their names.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Writes that no sync covers, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unsynced {
    pub(crate) writes: u64,
    /// Of which no sector arrived.
    pub(crate) dropped: u64,
    /// Of which some sectors arrived.
    pub(crate) torn: u64,
}

/// Files while entries are applied to them. One that was removed stays in the list, because the
/// removal may not arrive.
struct Disk {
    contents: Vec<Vec<u8>>,
    /// The places of files in `contents`, as the program saw them …
    seen: BTreeMap<String, usize>,
    /// … and as they are on the disk.
    there: BTreeMap<String, usize>,
    /// True once a change of the folder did not arrive: then no later one does.
    folder_ended: bool,
    unsynced: Unsynced,
}

/// Applies `entries` to the files `before`. What no sync covers gets a number of `fate`: its bit at
/// `k % 64` says whether the write's sector `k` arrived, and the lowest bit whether anything else did.
pub(crate) fn build(
    before: &Files,
    entries: &[Entry<'_>],
    mut fate: impl FnMut(&Entry<'_>) -> u64,
) -> Result<(Files, Unsynced), Failure> {
    let mut disk = Disk::new(before);
    for (entry, synced) in entries.iter().zip(synced(entries)) {
        if synced {
            disk.apply(entry, u64::MAX)?;
        } else {
            let arrives = fate(entry);
            disk.apply(entry, arrives)?;
            disk.count(entry, arrives);
        }
    }
    Ok((disk.files(), disk.unsynced))
}

/// Tells for each entry whether a completed sync covers it.
fn synced(entries: &[Entry<'_>]) -> Vec<bool> {
    let mut synced = vec![false; entries.len()];
    let mut open: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        match entry.operation {
            Operation::Create | Operation::Unlink => {
                // From here on this name is that of another file.
                open.remove(entry.name);
                open.entry("").or_default().push(place);
            }
            Operation::Write { .. } | Operation::Truncate { .. } => {
                open.entry(entry.name).or_default().push(place);
            }
            Operation::Sync { covers } => {
                if let Some(open) = open.get_mut(entry.name) {
                    let covered = open.partition_point(|it| *it < covers);
                    open.drain(..covered).for_each(|it| synced[it] = true);
                }
                synced[place] = true;
            }
        }
    }
    synced
}

impl Disk {
    fn new(before: &Files) -> Self {
        let names: BTreeMap<_, _> = before.keys().cloned().zip(0..).collect();
        let contents = before.values().cloned().collect();
        let unsynced = Unsynced::default();
        Self { contents, seen: names.clone(), there: names, folder_ended: false, unsynced }
    }

    fn apply(&mut self, entry: &Entry<'_>, arrives: u64) -> Result<(), Failure> {
        let name = entry.name;
        match entry.operation {
            Operation::Create => {
                let place = self.contents.len();
                self.contents.push(Vec::new());
                self.seen.insert(name.to_owned(), place);
                if self.folder_changes(arrives) {
                    self.there.insert(name.to_owned(), place);
                }
            }
            Operation::Unlink => {
                self.seen.remove(name);
                if self.folder_changes(arrives) {
                    self.there.remove(name);
                }
            }
            Operation::Write { at, content } => {
                let file = self.file(name)?;
                sectors(at, content, arrives).for_each(|(at, part)| put(file, at, part));
            }
            Operation::Truncate { size } => {
                let file = self.file(name)?;
                if arrives & 1 == 1 {
                    file.resize(size, 0);
                }
            }
            Operation::Sync { .. } => {}
        }
        Ok(())
    }

    /// Tells whether this change of the folder arrives.
    fn folder_changes(&mut self, arrives: u64) -> bool {
        self.folder_ended |= arrives & 1 == 0;
        !self.folder_ended
    }

    fn file(&mut self, name: &str) -> Result<&mut Vec<u8>, Failure> {
        let place = self.seen.get(name).and_then(|place| self.contents.get_mut(*place));
        place.ok_or_else(|| format!("the journal does not tell where {name} came from").into())
    }

    fn count(&mut self, entry: &Entry<'_>, arrives: u64) {
        if let Operation::Write { at, content } = entry.operation {
            let (arrived, all) =
                (sectors(at, content, arrives).count(), sectors(at, content, u64::MAX).count());
            self.unsynced.writes += 1;
            self.unsynced.dropped += u64::from(arrived == 0);
            self.unsynced.torn += u64::from(0 < arrived && arrived < all);
        }
    }

    fn files(&self) -> Files {
        let content = |place: &usize| self.contents.get(*place).cloned().unwrap_or_default();
        self.there.iter().map(|(name, place)| (name.clone(), content(place))).collect()
    }
}

/// The parts of a write, by the sectors of the file, that arrive, and their places.
fn sectors(at: usize, content: &[u8], arrives: u64) -> impl Iterator<Item = (usize, &[u8])> {
    let first = (SECTOR - at % SECTOR).min(content.len());
    let (head, tail) = content.split_at(first);
    let parts = std::iter::once(head).chain(tail.chunks(SECTOR)).enumerate();
    let placed = parts.scan(at, |place, (number, part)| {
        *place += part.len();
        Some((number, *place - part.len(), part))
    });
    placed.filter(move |it| (arrives >> (it.0 % 64)) & 1 == 1).map(|it| (it.1, it.2))
}

/// Puts `part` at its place; what was never written before it is zero.
fn put(file: &mut Vec<u8>, at: usize, part: &[u8]) {
    let end = at + part.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    if let Some(place) = file.get_mut(at..end) {
        place.copy_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, Unsynced, build};
    use crate::crash::power_cut::journal::{Entry, Operation};

    fn entry<'j>(name: &'j str, operation: Operation<'j>) -> Entry<'j> {
        Entry { name, operation }
    }

    fn write<'j>(name: &'j str, at: usize, content: &'j [u8]) -> Entry<'j> {
        entry(name, Operation::Write { at, content })
    }

    fn sync(name: &str, covers: usize) -> Entry<'_> {
        entry(name, Operation::Sync { covers })
    }

    fn files(all: &[(&str, &[u8])]) -> Files {
        all.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect()
    }

    fn image(before: &Files, entries: &[Entry<'_>], fates: &[u64]) -> (Files, Unsynced) {
        let mut fates = fates.iter().copied();
        let image = build(before, entries, |_| fates.next().expect("one that is synced")).unwrap();
        assert_eq!(fates.next(), None, "something more is not synced");
        image
    }

    #[test]
    fn what_a_sync_of_the_same_file_covers_is_there() {
        let before = files(&[("log", b"----"), ("main", b"----")]);
        let entries = [write("log", 0, b"a"), write("main", 0, b"b"), sync("log", 2)];
        let (after, unsynced) = image(&before, &entries, &[0]);
        assert_eq!(after, files(&[("log", b"a---"), ("main", b"----")]));
        assert_eq!(unsynced, Unsynced { writes: 1, dropped: 1, torn: 0 });
    }

    #[test]
    fn a_write_during_a_sync_is_not_covered_by_it() {
        let before = files(&[("log", b"----")]);
        let entries = [write("log", 0, b"a"), write("log", 2, b"b"), sync("log", 1)];
        assert_eq!(image(&before, &entries, &[0]).0, files(&[("log", b"a---")]));
    }

    #[test]
    fn a_later_write_may_arrive_without_an_earlier_one() {
        let before = files(&[("log", b"")]);
        let entries = [write("log", 0, b"ab"), write("log", 2, b"cd")];
        let (after, _) = image(&before, &entries, &[0, u64::MAX]);
        assert_eq!(after, files(&[("log", b"\0\0cd")]));
    }

    #[test]
    fn a_write_is_torn_where_the_sectors_of_the_file_end() {
        let (before, content) = (files(&[("log", &[b'-'; 1536])]), [b'x'; 1024]);
        // It begins in the first sector, fills the second and ends in the third.
        let (after, unsynced) = image(&before, &[write("log", 256, &content)], &[0b010]);
        let expected = [[b'-'; 512], [b'x'; 512], [b'-'; 512]].concat();
        assert_eq!(after, files(&[("log", &expected)]));
        assert_eq!(unsynced, Unsynced { writes: 1, dropped: 0, torn: 1 });
    }

    #[test]
    fn a_truncation_may_not_arrive() {
        let (before, cut) =
            (files(&[("log", b"abcd")]), entry("log", Operation::Truncate { size: 2 }));
        for (fate, expected) in [(0, &b"abcd"[..]), (1, b"ab")] {
            let (after, unsynced) = image(&before, std::slice::from_ref(&cut), &[fate]);
            assert_eq!((after, unsynced.writes), (files(&[("log", expected)]), 0));
        }
    }

    #[test]
    fn a_new_file_is_there_once_its_folder_is_synced() {
        let made = [entry("log", Operation::Create), write("log", 0, b"a"), sync("log", 2)];
        assert_eq!(image(&Files::new(), &made, &[0]).0, Files::new());
        let made = [&made[..], &[sync("", 3)]].concat();
        assert_eq!(image(&Files::new(), &made, &[]).0, files(&[("log", b"a")]));
    }

    #[test]
    fn a_file_that_was_removed_may_be_there_as_it_was() {
        let before = files(&[("log", b"old")]);
        let removed = [
            entry("log", Operation::Unlink),
            entry("log", Operation::Create),
            write("log", 0, b"new"),
            sync("log", 3),
        ];
        for (fates, expected) in [
            ([0, 0], files(&[("log", b"old")])),
            ([1, 0], Files::new()),
            // Without the removal there is no new file either.
            ([0, 1], files(&[("log", b"old")])),
            ([1, 1], files(&[("log", b"new")])),
        ] {
            assert_eq!(image(&before, &removed, &fates).0, expected);
        }
    }

    #[test]
    fn a_write_to_a_file_out_of_nowhere_is_refused() {
        assert!(build(&Files::new(), &[write("log", 0, b"a")], |_| 0).is_err());
    }
}
