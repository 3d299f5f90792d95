//! Figures that a run tells of itself, for the task that keeps them as evidence.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::run::Failure;

/// The environment variable by which a tool knows the file for figures. A tool that somebody runs by
/// hand has none, and tells nobody.
pub const VARIABLE: &str = "FIGURES_FILE";

/// The file of this process, if [`keep_in`] has set one.
static FILE: OnceLock<PathBuf> = OnceLock::new();

/// The way in which the figures of several runs become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Sum,
    Highest,
}

/// A figure of a run. Its name has no tab, no `=` and no `;`.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub over: Over,
    pub name: String,
    pub value: f64,
}

/// Tells a number that is added up over runs.
///
/// # Errors
/// If the file cannot be written.
pub fn sum(name: &str, number: impl fmt::Display) -> Result<(), Failure> {
    tell(Over::Sum, name, number)
}

/// Tells a number of which the highest of all runs counts.
///
/// # Errors
/// If the file cannot be written.
pub fn highest(name: &str, number: impl fmt::Display) -> Result<(), Failure> {
    tell(Over::Highest, name, number)
}

/// Keeps the figures that this process and its tools tell in `path`, one a line. The first path counts.
pub fn keep_in(path: PathBuf) {
    FILE.get_or_init(|| path);
}

/// Returns the file that takes figures; `None` where nobody keeps them.
#[must_use]
pub fn file() -> Option<PathBuf> {
    FILE.get().cloned().or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from))
}

fn tell(over: Over, name: &str, number: impl fmt::Display) -> Result<(), Failure> {
    let Some(path) = file() else { return Ok(()) };
    let mut file = File::options().create(true).append(true).open(path)?;
    Ok(writeln!(file, "{}", line(over, name, number))?)
}

/// Formats a figure as [`Figure::parse`] reads it.
fn line(over: Over, name: &str, number: impl fmt::Display) -> String {
    let over = match over {
        Over::Sum => "sum",
        Over::Highest => "highest",
    };
    format!("{over} {name}={number}")
}

impl Figure {
    /// Formats it as [`Self::parse`] reads it.
    #[must_use]
    pub fn line(&self) -> String {
        line(self.over, &self.name, self.value)
    }

    /// Reads a line of the file; `None` if it is none.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (over, rest) = line.split_once(' ')?;
        let over = match over {
            "sum" => Over::Sum,
            "highest" => Over::Highest,
            _ => return None,
        };
        let (name, value) = rest.rsplit_once('=')?;
        Some(Self { over, name: name.to_owned(), value: value.parse().ok()? })
    }

    /// Joins the figures of several runs, those of one name as it wants to be joined; the order is that
    /// in which names were first told.
    #[must_use]
    #[expect(clippy::float_arithmetic, reason = "figures are no amounts of money")]
    pub fn join(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut joined: Vec<Self> = Vec::new();
        for it in all {
            match joined.iter_mut().find(|known| known.name == it.name) {
                None => joined.push(it),
                Some(known) if it.over == Over::Sum => known.value += it.value,
                Some(known) => known.value = known.value.max(it.value),
            }
        }
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Over};

    #[test]
    fn figures_of_several_runs_are_added_up_or_the_highest_counts() {
        let lines =
            ["sum kills=100", "highest memory, MB=80.5", "sum kills=50", "highest memory, MB=70"];
        let read: Vec<_> = lines.iter().filter_map(|it| Figure::parse(it)).collect();
        assert_eq!(read.iter().map(Figure::line).collect::<Vec<_>>(), lines);
        let figure = |over, name: &str, value| Figure { over, name: name.to_owned(), value };
        let due = [figure(Over::Sum, "kills", 150.0), figure(Over::Highest, "memory, MB", 80.5)];
        assert_eq!(Figure::join(read), due);
    }

    #[test]
    fn a_line_that_is_no_figure_is_none() {
        for line in ["", "sum", "sum kills", "mean kills=1", "sum kills=many"] {
            assert_eq!(Figure::parse(line), None, "{line}");
        }
    }
}
