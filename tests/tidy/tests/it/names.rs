//! One name, one thing.

use crate::{FIGURES, only_known};

/// Names that may stand for several things, because nobody looks for them across files.
const ALLOWED: [(&str, &str); 2] = [
    ("Args", "each command's arguments, used in its own file and in the list of commands"),
    ("Command", "each group of commands has its own, used in its own file"),
];

#[test]
fn a_type_name_stands_for_one_thing_in_what_ships() {
    let doubled = FIGURES.doubled();
    for (name, reason) in ALLOWED {
        assert!(doubled.contains_key(name), "{name} stands for one thing; not needed: {reason}");
    }
    let allowed = |name: &str| ALLOWED.iter().any(|(allowed, _)| *allowed == name);
    let names = doubled.keys().filter(|name| !allowed(name));
    only_known(
        names.map(|&it| it.to_owned()),
        &[],
        "defined more than once in what ships; name it for what it is",
    );
}

#[test]
fn a_test_is_named_without_a_possessive() {
    let names = FIGURES.possessive_tests.clone();
    only_known(names, &[], "say `the_id_of_a_donation` for `a_donation_s_id`");
}
