//! The crates depend on each other as ARCHITECTURE draws it.

use std::collections::BTreeSet;
use std::fs;

use tidy::{Arrow, diagram, drawn_as_unshipped};

use crate::{FIGURES, ROOT, only_known};

fn architecture() -> String {
    fs::read_to_string(format!("{ROOT}/ARCHITECTURE.md")).unwrap_or_default()
}

fn text(arrow: &Arrow) -> String {
    format!("{} ──► {}", arrow.from, arrow.to)
}

#[test]
fn the_crates_depend_on_each_other_as_the_diagram_says() {
    let drawn: Vec<String> = diagram(&architecture()).iter().map(text).collect();
    let drawn: Vec<&str> = drawn.iter().map(String::as_str).collect();
    let there = FIGURES.arrows.iter().filter(|arrow| !arrow.dev).map(text);
    only_known(there, &drawn, "not in ARCHITECTURE's diagram; may this crate know that one?");
}

#[test]
fn what_ships_is_built_from_nothing_that_is_for_tests() {
    let drawn = drawn_as_unshipped(&architecture());
    let drawn: Vec<&str> = drawn.iter().map(String::as_str).collect();
    let advice = "neither built into a program nor drawn as shipping nowhere";
    only_known(FIGURES.unshipped.clone(), &drawn, advice);
}

/// The conversations of the monitor, the notifiers and the console are held on a real store.
const ON_A_REAL_STORE: [&str; 2] =
    ["portal-console ──► portal-sqlite", "portal-service ──► portal-sqlite"];

/// A test may use a crate that ships nowhere, or one that its own crate is built on anyway: else
/// the tests of a crate would know what the crate must not.
#[test]
fn tests_depend_on_test_crates_and_on_what_their_crate_is_built_on() {
    let others = FIGURES.arrows.iter().filter(|it| it.dev && FIGURES.shipped.contains(&it.to));
    let others = others.filter(|it| !built_on(&FIGURES.arrows, &it.from).contains(&it.to));
    only_known(others.map(text), &ON_A_REAL_STORE, "its tests use what it is not built on");
}

fn built_on(arrows: &BTreeSet<Arrow>, from: &str) -> BTreeSet<String> {
    let mut built_on = BTreeSet::new();
    for arrow in arrows.iter().filter(|it| !it.dev && it.from == from) {
        built_on.insert(arrow.to.clone());
        built_on.append(&mut self::built_on(arrows, &arrow.to));
    }
    built_on
}
