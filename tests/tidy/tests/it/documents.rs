//! Decisions can be dated, and words are used.

use std::collections::BTreeSet;

use tidy::Decision;

use crate::{FIGURES, only_known};

#[test]
fn every_decision_has_a_status_and_a_date() {
    let decisions = &FIGURES.decisions;
    let numbers: BTreeSet<&str> = decisions.iter().map(|it| &it.file[..4]).collect();
    let wrong = |it: &Decision| {
        let status = it.status.as_deref().unwrap_or_default();
        let date = it.date.as_deref().unwrap_or_default();
        !is_status(status, &numbers) || !is_date(date)
    };
    let wrong = decisions.iter().filter(|it| wrong(it)).map(|it| it.file.clone());
    let advice = "needs `Status: accepted`, `Status: accepted, amended by NNNN` or \
                  `Status: superseded by NNNN`, and `Date: YYYY-MM-DD`";
    only_known(wrong, &[], advice);
}

/// Takes `accepted`, what amends it, and what it is superseded by, where these are there.
fn is_status(status: &str, numbers: &BTreeSet<&str>) -> bool {
    let others = match status.split_once(" by ") {
        None => return status == "accepted",
        Some(("accepted, amended" | "superseded", others)) => others,
        Some(_) => return false,
    };
    others.replace(" and ", ", ").split(", ").all(|number| numbers.contains(number))
}

fn is_date(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [4, 2, 2] && parts.iter().all(|part| part.chars().all(|it| it.is_ascii_digit()))
}

#[test]
fn every_word_that_architecture_explains_is_used_by_what_ships() {
    let unused = FIGURES.words.iter().filter(|it| it.files == 0).map(|it| it.word.clone());
    only_known(unused, &[], "explained in ARCHITECTURE's Words and used nowhere");
    assert!(!FIGURES.words.is_empty(), "ARCHITECTURE has no section Words");
}

#[test]
fn what_an_engineer_searches_for_is_found() {
    let missing = FIGURES.searched.iter().filter(|it| it.files == 0).map(|it| it.word.clone());
    only_known(missing, &[], "the field's term is in no file that ships");
}
