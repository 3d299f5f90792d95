//! The journal of what the server did to its files, as `shim/journal.c` writes it.

use xtask::run::Failure;

/// The numbers before the name and the content of an entry: kind, length of the name, place, length
/// of the content.
const HEAD: usize = 4 * size_of::<u64>();

/// One thing that was done to a file, or a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'j> {
    /// The file's name within its folder; the folder's own is empty.
    pub(crate) name: &'j str,
    pub(crate) operation: Operation<'j>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation<'j> {
    Create,
    Unlink,
    Write {
        at: usize,
        content: &'j [u8],
    },
    Truncate {
        size: usize,
    },
    /// Succeeded, and so many entries stood before its call: of these the disk has all that is about
    /// this file.
    Sync {
        covers: usize,
    },
}

/// Reads all entries but a last one that the kill cut off: what it was to tell was not done.
pub(crate) fn read(mut journal: &[u8]) -> Result<Vec<Entry<'_>>, Failure> {
    let mut entries = Vec::new();
    while let Some((entry, rest)) = next(journal)? {
        entries.push(entry);
        journal = rest;
    }
    Ok(entries)
}

/// The first entry, and what is after it; `None` where there is no whole one.
fn next(journal: &[u8]) -> Result<Option<(Entry<'_>, &[u8])>, Failure> {
    let Some((head, rest)) = journal.split_at_checked(HEAD) else { return Ok(None) };
    let mut numbers = head.chunks_exact(size_of::<u64>()).map(|bytes| {
        let bytes = bytes.try_into().map_err(Failure::from)?;
        usize::try_from(u64::from_ne_bytes(bytes)).map_err(Failure::from)
    });
    let mut number = || numbers.next().ok_or("no number")?;
    let (kind, name, place, content) = (number()?, number()?, number()?, number()?);
    let Some((name, rest)) = rest.split_at_checked(name) else { return Ok(None) };
    let Some((content, rest)) = rest.split_at_checked(content) else { return Ok(None) };
    let operation = match kind {
        0 => Operation::Create,
        1 => Operation::Unlink,
        2 => Operation::Write { at: place, content },
        3 => Operation::Truncate { size: place },
        4 => Operation::Sync { covers: place },
        other => return Err(format!("an entry of the journal is of the kind {other}").into()),
    };
    Ok(Some((Entry { name: str::from_utf8(name)?, operation }, rest)))
}

#[cfg(test)]
mod tests {
    use super::{Entry, Operation, read};

    fn bytes(kind: u64, name: &str, place: u64, content: &[u8]) -> Vec<u8> {
        let length = |it: usize| u64::try_from(it).unwrap();
        let head = [kind, length(name.len()), place, length(content.len())];
        let head = head.into_iter().flat_map(u64::to_ne_bytes);
        head.chain(name.bytes()).chain(content.iter().copied()).collect()
    }

    #[test]
    fn entries_are_read_up_to_one_that_is_cut_off() {
        let whole = [bytes(2, "log", 512, b"abc"), bytes(4, "", 7, b"")].concat();
        let write = Operation::Write { at: 512, content: b"abc" };
        let expected = [
            Entry { name: "log", operation: write },
            Entry { name: "", operation: Operation::Sync { covers: 7 } },
        ];
        let last = bytes(2, "log", 515, b"defg");
        for cut in 0..last.len() {
            let journal = [&whole, &last[..cut]].concat();
            assert_eq!(read(&journal).unwrap(), expected);
        }
    }

    #[test]
    fn an_entry_of_no_known_kind_is_refused() {
        assert!(read(&bytes(9, "log", 0, b"")).is_err());
    }
}
