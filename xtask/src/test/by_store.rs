//! What became of the suites that every store must pass.

use std::fmt;

use crate::run::Failure;
use crate::test::binaries::Suites;
use crate::test::file_name;

/// The stores, and the packages that they are in.
pub(crate) const STORES: [(&str, &str); 2] =
    [("SQLite", "portal-sqlite"), ("PostgreSQL", "portal-postgres")];

/// The suites: each is a file of tests in every store's package.
pub(crate) const SUITES: [&str; 3] = ["conformance", "stories", "model"];

/// One suite on one store, by their places above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suite {
    pub(crate) suite: usize,
    pub(crate) store: usize,
}

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
    ignored: u32,
}

/// Reads them off what `cargo test` prints.
pub(crate) struct Results {
    suites: Suites,
    /// Which suite is running, if it is one.
    running: Option<Suite>,
    counts: [[Count; STORES.len()]; SUITES.len()],
}

impl Results {
    /// Nothing yet of `suites`.
    pub(crate) fn of(suites: Suites) -> Self {
        Self { suites, running: None, counts: Default::default() }
    }

    /// Takes one line in.
    pub(crate) fn hear(&mut self, line: &str) {
        if let Some(program) = program(line) {
            self.running = self.suites.0.get(program).copied();
        } else if let (Some(Suite { suite, store }), Some(count)) = (self.running, count(line))
            && let Some(of_suite) = self.counts.get_mut(suite).and_then(|it| it.get_mut(store))
        {
            *of_suite = count;
            self.running = None;
        }
    }

    /// Fails where a suite ran no test, or left one out.
    pub(crate) fn expect_every_suite(&self) -> Result<(), Failure> {
        let all = self.counts.iter().flatten();
        let whole = |count: &Count| count.passed > 0 && count.failed == 0 && count.ignored == 0;
        if all.clone().all(whole) {
            return Ok(());
        }
        Err("a suite did not run on a store, or not as a whole".into())
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:12}", "passed")?;
        STORES.iter().try_for_each(|(store, _)| write!(f, "  {store:>22}"))?;
        for (suite, counts) in SUITES.iter().zip(&self.counts) {
            write!(f, "\n{suite:12}")?;
            counts.iter().try_for_each(|count| write!(f, "  {:>22}", count.to_string()))?;
        }
        Ok(())
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, ignored } = self;
        write!(f, "{passed}")?;
        if failed + ignored > 0 {
            write!(f, " ({failed} failed, {ignored} not)")?;
        }
        Ok(())
    }
}

/// The program that `     Running tests/model.rs (target/debug/deps/model-0123)` names.
fn program(line: &str) -> Option<&str> {
    let (_, path) = line.trim_start().strip_prefix("Running ")?.split_once('(')?;
    file_name(path.strip_suffix(')')?)
}

/// What `test result: ok. 12 passed; 0 failed; 0 ignored; …` counts.
fn count(line: &str) -> Option<Count> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let of = |what: &str| {
        let mut parts = counts.split("; ").filter_map(|part| part.split_once(' '));
        parts.find(|(_, it)| *it == what).and_then(|(number, _)| number.parse().ok())
    };
    Some(Count { passed: of("passed")?, failed: of("failed")?, ignored: of("ignored")? })
}

#[cfg(test)]
mod tests {
    use super::{Count, Results, STORES, SUITES, Suite};
    use crate::test::binaries::Suites;

    fn results(lines: &str) -> Results {
        let every = SUITES.iter().enumerate().flat_map(|(suite, name)| {
            (0..STORES.len()).map(move |store| (format!("{name}-{store}"), Suite { suite, store }))
        });
        let mut results = Results::of(Suites(every.collect()));
        lines.lines().for_each(|line| results.hear(line));
        results
    }

    /// What cargo prints where every suite passes.
    fn all_well() -> String {
        let of_store = |name: &str, store: usize| {
            format!(
                "     Running tests/{name}.rs (target/debug/deps/{name}-{store})\n\
                 \nrunning 5 tests\n.....\n\
                 test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"
            )
        };
        SUITES.iter().map(|name| of_store(name, 0) + &of_store(name, 1)).collect()
    }

    #[test]
    fn a_suite_that_passes_on_every_store_is_counted_for_each() {
        let results = results(&all_well());
        let five = Count { passed: 5, failed: 0, ignored: 0 };
        assert_eq!(results.counts, [[five; 2]; 3]);
        assert!(results.expect_every_suite().is_ok());
    }

    #[test]
    fn a_suite_that_ran_no_test_failed_or_was_not_there_fails() {
        let failed = all_well().replacen("5 passed; 0 failed", "4 passed; 1 failed", 1);
        let ignored = all_well().replacen("5 passed; 0 failed; 0", "4 passed; 0 failed; 1", 1);
        let without = all_well().replacen("5 passed", "0 passed", 1);
        let missing = all_well().replacen("model-1", "model-of-nobody", 1);
        for lines in [failed, ignored, without, missing] {
            assert!(results(&lines).expect_every_suite().is_err(), "{lines}");
        }
    }

    #[test]
    fn the_counts_of_other_programs_are_not_taken() {
        let lines = all_well()
            + "     Running unittests src/lib.rs (target/debug/deps/other-1)\n\
             test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert!(results(&lines).expect_every_suite().is_ok());
    }
}
