//! The parts that passed, one a line: round, part, date, commit, machine, seconds, figures.

use std::fs;
use std::path::Path;

use xtask::figures::Figure;
use xtask::run::{Failure, command, read};

/// A part that passed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Passed {
    pub(super) round: String,
    /// From 1 on.
    pub(super) part: u32,
    /// As `2026-11-27`.
    pub(super) date: String,
    /// Ends with `+` where files had changed since.
    pub(super) commit: String,
    pub(super) machine: String,
    pub(super) seconds: u64,
    pub(super) figures: Vec<Figure>,
}

/// All parts that passed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Record(Vec<Passed>);

impl Record {
    /// Reads the file; there is none before the first part.
    pub(super) fn open(path: impl AsRef<Path>) -> Result<Self, Failure> {
        let path = path.as_ref();
        let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
        let read = |(number, line)| {
            Passed::parse(line).ok_or_else(|| {
                format!("{}: line {} is no part that passed", path.display(), number + 1).into()
            })
        };
        text.lines().enumerate().map(read).collect::<Result<_, Failure>>().map(Self)
    }

    /// Adds a part, in the file as well.
    pub(super) fn add(path: impl AsRef<Path>, passed: Passed) -> Result<Self, Failure> {
        let mut record = Self::open(&path)?;
        record.0.push(passed);
        let lines: String = record.0.iter().map(|it| it.line() + "\n").collect();
        fs::write(path, lines)?;
        Ok(record)
    }

    pub(super) fn has(&self, round: &str, part: u32) -> bool {
        self.of(round).any(|it| it.part == part)
    }

    /// Returns the parts of a round.
    pub(super) fn of(&self, round: &str) -> impl Iterator<Item = &Passed> {
        self.0.iter().filter(move |it| it.round == round)
    }
}

impl Passed {
    fn line(&self) -> String {
        let Self { round, part, date, commit, machine, seconds, figures } = self;
        let figures = figures.iter().map(Figure::line).collect::<Vec<_>>().join("; ");
        format!("{round}\t{part}\t{date}\t{commit}\t{machine}\t{seconds}\t{figures}")
    }

    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<_> = line.split('\t').collect();
        let [round, part, date, commit, machine, seconds, figures] = fields[..] else {
            return None;
        };
        let [round, date, commit, machine] = [round, date, commit, machine].map(str::to_owned);
        let figures = figures.split("; ").filter(|it| !it.is_empty()).map(Figure::parse);
        Some(Self {
            round,
            part: part.parse().ok()?,
            date,
            commit,
            machine,
            seconds: seconds.parse().ok()?,
            figures: figures.collect::<Option<_>>()?,
        })
    }
}

/// Returns the commit that is built here.
pub(super) fn commit() -> Result<String, Failure> {
    // The files that this task writes itself are no change.
    let unchanged = [":!docs/evidence.tsv", ":!docs/evidence.md"];
    let changes = read(command("git", &["status", "--porcelain", "--", "."]).args(unchanged))?;
    let commit = read(&mut command("git", &["rev-parse", "--short=9", "HEAD"]))?;
    let changed = if changes.is_empty() { "" } else { "+" };
    Ok(format!("{}{changed}", commit.trim()))
}

/// Describes this machine by its processors, its memory and its kernel.
pub(super) fn machine() -> Result<String, Failure> {
    let (cpus, memory) =
        (fs::read_to_string("/proc/cpuinfo")?, fs::read_to_string("/proc/meminfo")?);
    let named = cpus.lines().filter_map(|it| it.strip_prefix("model name")?.split_once(": "));
    let names: Vec<_> = named.map(|it| it.1).collect();
    let kib = memory.split_whitespace().nth(1).and_then(|it| it.parse::<u64>().ok());
    let gib = kib.ok_or("/proc/meminfo does not begin with the memory")?.div_ceil(1024 * 1024);
    let kernel = read(&mut command("uname", &["-sr"]))?;
    let name = names.first().copied().unwrap_or("an unknown processor");
    Ok(format!("{} × {name}, {gib} GiB, {}", names.len(), kernel.trim()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use xtask::figures::{Figure, Over};

    use super::{Passed, Record};

    fn passed(part: u32) -> Passed {
        let figure = Figure { over: Over::Sum, name: "kills".to_owned(), value: 100.0 };
        Passed {
            round: "kills: 1000 on sqlite".to_owned(),
            part,
            date: "2026-11-27".to_owned(),
            commit: "0123abcde".to_owned(),
            machine: "2 × a processor, 24 GiB".to_owned(),
            seconds: 90,
            figures: vec![figure],
        }
    }

    #[test]
    fn a_part_that_passed_is_not_run_again() {
        let folder = std::env::temp_dir().join(format!("evidence-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("evidence.tsv");
        assert!(!Record::open(&path).unwrap().has("kills: 1000 on sqlite", 1));
        Record::add(&path, passed(1)).unwrap();
        let written = Record::add(&path, Passed { figures: Vec::new(), ..passed(3) }).unwrap();
        let read = Record::open(&path).unwrap();
        assert_eq!(read, written);
        let round = "kills: 1000 on sqlite";
        assert_eq!([1, 2, 3].map(|part| read.has(round, part)), [true, false, true]);
        fs::write(&path, "a line of something else\n").unwrap();
        let failure = Record::open(&path).unwrap_err().to_string();
        assert!(failure.ends_with("line 1 is no part that passed"), "{failure}");
        fs::remove_dir_all(folder).unwrap();
    }
}
