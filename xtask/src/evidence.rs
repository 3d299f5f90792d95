//! `evidence`: what is promised is shown at full length, part by part, and written down.
//!
//! Each part that passed is a line of `docs/evidence.tsv`, so that a run goes on where it was cut off;
//! `docs/evidence.md` follows from these lines.

mod page;
mod record;

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Instant;

use xtask::figures::{self, Figure};
use xtask::run::{Failure, command, read, target_folder};
use xtask::steps::Steps;

use self::page::page;
use self::record::{Passed, Record};
use crate::package;
use crate::rounds::{EVIDENCE, Round, tests};
use crate::test::ALL;
use crate::tool::Tool;

/// The lines of all parts that passed.
const RECORD: &str = "docs/evidence.tsv";

/// The page that people read.
const PAGE: &str = "docs/evidence.md";

/// Runs every part that is not there yet of the rounds whose name begins with one of `names`, or of all.
pub(crate) fn take(steps: &mut Steps, names: &[String]) {
    let rounds = rounds();
    let mut begun = None;
    steps.take("the rounds that are named", || {
        expect_known(&rounds, names)?;
        begun = Some(alone()?);
        figures::keep_in(figures_file()?);
        Ok(())
    });
    if begun.is_none() {
        return;
    }
    let wanted =
        |it: &&Round| names.is_empty() || names.iter().any(|name| it.name.starts_with(name));
    for round in rounds.iter().filter(wanted) {
        for part in 1..=round.parts {
            let name = format!("{}, part {part} of {}", round.name, round.parts);
            steps.take(&name, || run(round, part, &rounds));
        }
    }
    steps.take("the page", || write_page(&rounds, &Record::open(RECORD)?));
}

/// The file for the figures of the part that is at work.
fn figures_file() -> Result<PathBuf, Failure> {
    Ok(target_folder()?.join("figures"))
}

/// Fails where another run is at work: the figures of two would mix.
fn alone() -> Result<File, Failure> {
    let file = File::create(target_folder()?.join("evidence.lock"))?;
    file.try_lock().map_err(|_| "another `cargo xtask evidence` is at work: wait for its end")?;
    Ok(file)
}

fn expect_known(rounds: &[Round], names: &[String]) -> Result<(), Failure> {
    let begins = |name: &String| rounds.iter().any(|it| it.name.starts_with(name));
    let Some(unknown) = names.iter().find(|it| !begins(it)) else { return Ok(()) };
    let known = rounds.iter().map(|it| format!("\n  {}", it.name)).collect::<String>();
    Err(format!("no round begins with {unknown:?}; there are:{known}").into())
}

/// Everything that is shown.
fn rounds() -> Vec<Round> {
    let mut all = vec![
        tests("tests: SQLite and PostgreSQL".to_owned(), &ALL, None),
        EVIDENCE.tool("tests: Worker with D1", Tool::WorkerTest, ["--orders", "200"]),
        Round {
            name: "packages".to_owned(),
            parts: 1,
            command: "cargo xtask package".to_owned(),
            run: Box::new(|| {
                let mut steps = Steps::default();
                package::take(&mut steps);
                steps.finish()
            }),
        },
    ];
    all.extend(EVIDENCE.all());
    all
}

/// Runs a part, unless it has passed before.
fn run(round: &Round, part: u32, rounds: &[Round]) -> Result<(), Failure> {
    if Record::open(RECORD)?.has(&round.name, part) {
        println!("passed before");
        return Ok(());
    }
    fs::write(figures_file()?, "")?;
    let begun = Instant::now();
    (round.run)()?;
    let told = fs::read_to_string(figures_file()?)?;
    let passed = Passed {
        round: round.name.clone(),
        part,
        date: read(&mut command("date", &["+%F"]))?.trim().to_owned(),
        commit: record::commit()?,
        machine: record::machine()?,
        seconds: begun.elapsed().as_secs(),
        figures: told.lines().map(figure).collect::<Result<_, _>>()?,
    };
    write_page(rounds, &Record::add(RECORD, passed)?)
}

fn figure(line: &str) -> Result<Figure, Failure> {
    Figure::parse(line).ok_or_else(|| format!("a tool told what is no figure: {line}").into())
}

fn write_page(rounds: &[Round], record: &Record) -> Result<(), Failure> {
    Ok(fs::write(PAGE, page(rounds, record))?)
}
