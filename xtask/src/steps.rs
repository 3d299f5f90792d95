//! A task's steps: each runs whatever became of the others, and a table sums them up.

use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};

use crate::run::Failure;

/// Checks that this machine cannot make. A developer is told of them; where `CI=true`
/// it is a failure, so that a check cannot stop being made unnoticed.
#[derive(Clone, Debug)]
pub struct NotRun(pub String);

/// The steps of one task.
#[derive(Default)]
pub struct Steps {
    taken: Vec<Step>,
}

struct Step {
    name: String,
    outcome: Outcome,
    took: Duration,
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Passed,
    NotRun,
    Failed,
}

impl Steps {
    /// Takes one step.
    pub fn take(&mut self, name: &str, step: impl FnOnce() -> Result<(), Failure>) {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = match step() {
            Ok(()) => Outcome::Passed,
            Err(failure) if failure.is::<NotRun>() && !on_ci() => {
                eprintln!("\n!! NOT RUN: {name}: {failure}");
                Outcome::NotRun
            }
            Err(failure) => {
                eprintln!("\n!! FAILED: {name}: {failure}");
                Outcome::Failed
            }
        };
        self.taken.push(Step { name: name.to_owned(), outcome, took: started.elapsed() });
    }

    /// Prints the table; fails where a step has failed.
    pub fn finish(self) -> Result<(), Failure> {
        let width = self.taken.iter().map(|step| step.name.len()).max().unwrap_or_default();
        println!("\n{:width$}  outcome   min:sec", "step");
        for Step { name, outcome, took } in &self.taken {
            println!("{name:width$}  {outcome:8}  {}", minutes(*took));
        }
        let sum = self.taken.iter().map(|step| step.took).sum();
        println!("{:width$}            {}", "together", minutes(sum));
        let failed = self.taken.iter().filter(|step| step.outcome == Outcome::Failed);
        let failed = failed.map(|step| step.name.as_str()).collect::<Vec<_>>();
        if failed.is_empty() { Ok(()) } else { Err(failed.join(", ").into()) }
    }
}

/// Minutes and seconds, as a column.
fn minutes(took: Duration) -> String {
    format!("{:4}:{:02}", took.as_secs() / 60, took.as_secs() % 60)
}

fn on_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::NotRun => "NOT RUN",
            Self::Failed => "FAILED",
        })
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for NotRun {}
