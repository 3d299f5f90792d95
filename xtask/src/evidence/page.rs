//! The page that people read: a line for each round, as far as it was run.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use xtask::figures::Figure;

use super::record::{Passed, Record};
use crate::rounds::Round;

const HEAD: &str = "\
# Evidence

What is promised, shown at full length. `cargo xtask evidence` runs what is not here yet and writes this \
page; each part that passed is a line of [evidence.tsv](evidence.tsv). What is not full says so.

| what | run | minutes | date | commit | command of a part |
|---|---|---:|---|---|---|
";

const FIGURES: &str = "
## Figures

A round of several parts adds its figures up, or has the highest.

| what | figure | |
|---|---|---:|
";

/// Returns the page.
pub(super) fn page(rounds: &[Round], record: &Record) -> String {
    let (mut page, mut figures) = (HEAD.to_owned(), FIGURES.to_owned());
    let mut machines = BTreeSet::new();
    for round in rounds {
        let passed: Vec<_> = record.of(&round.name).collect();
        machines.extend(passed.iter().map(|it| it.machine.as_str()));
        page.push_str(&line(round, &passed));
        for it in Figure::join(passed.iter().flat_map(|it| it.figures.iter().cloned())) {
            // Writing to a string cannot fail.
            let _ = writeln!(figures, "| {} | {} | {} |", round.name, it.name, number(it.value));
        }
    }
    page.push_str("\nRun on:\n\n");
    for it in machines {
        let _ = writeln!(page, "- {it}");
    }
    page + &figures
}

fn line(round: &Round, passed: &[&Passed]) -> String {
    let parts = round.parts;
    let run = match passed.len() {
        0 => "**not yet**".to_owned(),
        all if all == parts as usize => "full".to_owned(),
        some => format!("**{some} of {parts} parts**"),
    };
    let minutes = passed.iter().map(|it| it.seconds).sum::<u64>().div_ceil(60);
    let distinct = |of: fn(&Passed) -> &str| {
        let all: BTreeSet<_> = passed.iter().map(|it| of(it)).collect();
        all.into_iter().collect::<Vec<_>>().join(", ")
    };
    let (date, commit) = (distinct(|it| &it.date), distinct(|it| &it.commit));
    let (name, command) = (&round.name, &round.command);
    format!("| {name} | {run} | {minutes} | {date} | {commit} | `{command}` |\n")
}

/// Formats a number with separators of thousands, and two digits where it is no integer.
fn number(value: f64) -> String {
    if value.fract() != 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{PAGE, RECORD, Record, rounds};
    use super::{number, page};

    #[test]
    fn the_page_follows_from_the_parts_that_passed() {
        let record = Record::open(format!("../{RECORD}")).unwrap();
        let kept = fs::read_to_string(format!("../{PAGE}")).unwrap();
        assert_eq!(kept, page(&rounds(), &record), "cargo xtask evidence writes it");
    }

    #[test]
    fn numbers_are_grouped() {
        let numbers = [0.0, 999.0, 1000.0, 1_234_567.0, 0.5];
        assert_eq!(numbers.map(number), ["0", "999", "1,000", "1,234,567", "0.50"]);
    }
}
