//! Figures that are kept from run to run, one object a line.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use portal_harness::delivery::now_seconds;
use serde_json::json;
use xtask::run::{Failure, command, read};

/// The file that takes the figures of one run.
pub(crate) struct Trend {
    file: File,
    commit: String,
    /// The name of the measured store, or of the Worker.
    of: &'static str,
}

impl Trend {
    /// Appends to `path`.
    pub(crate) fn open(path: &Path, of: &'static str) -> Result<Self, Failure> {
        let commit = read(&mut command("git", &["rev-parse", "--short", "HEAD"]))?;
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self { file, commit: commit.trim().to_owned(), of })
    }

    /// Keeps one figure.
    pub(crate) fn keep(&mut self, figure: &str, value: f64) -> Result<(), Failure> {
        let Self { file, commit, of } = self;
        let at = now_seconds();
        let line =
            json!({ "at": at, "commit": commit, "of": of, "figure": figure, "value": value });
        Ok(writeln!(file, "{line}")?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::Trend;

    #[test]
    fn a_run_goes_on_where_the_last_one_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trend.jsonl");
        for ratio in [0.5, 0.25] {
            Trend::open(&path, "sqlite").unwrap().keep("ratio", ratio).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["of"], "sqlite");
        assert_eq!(lines[1]["figure"], "ratio");
        assert_eq!(lines[1]["value"], 0.25);
    }
}
