//! One thing is written once.

use tidy::Kind;

use crate::{FIGURES, at_most};

/// Pairs of six copied lines in what ships. Half of them are signatures of the ports, which each store
/// must repeat.
const SHIPPED_MAX: usize = 56;

/// The same in tests.
const TESTS_MAX: usize = 26;

/// The same in tools.
const TOOLS_MAX: usize = 3;

/// The numbers above are lowered when so many pairs are gone.
const SLACK: usize = 5;

#[test]
fn six_lines_are_not_written_twice() {
    for (kind, most) in
        [(Kind::Shipped, SHIPPED_MAX), (Kind::Test, TESTS_MAX), (Kind::Tool, TOOLS_MAX)]
    {
        let copies = &FIGURES.copies[&kind];
        let list: String = copies
            .iter()
            .map(|it| format!("\n{}:{} {}:{}", it.one.0, it.one.1, it.other.0, it.other.1))
            .collect();
        at_most(copies.len(), most, SLACK, &format!("make one of two:{list}"));
    }
}
