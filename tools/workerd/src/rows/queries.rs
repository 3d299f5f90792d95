//! The questions that the runbook has an operator ask D1, at a portal that has seen much.

use std::path::Path;

use portal_harness::worker::Local;
use xtask::run::Failure;

use super::metered::Metered;
use super::rest::{BEGIN, fill};
use super::table::{Measured, compare};

const RUNBOOK: &str = include_str!("../../../../docs/runbook.md");

/// The command with which the runbook runs SQL on D1.
const EXECUTE: &str = "npx wrangler d1 execute donations --remote --command \"";

/// The statements that read, in their order.
const READING: [&str; 7] = [
    "the last donations that count",
    "one donation",
    "a month's totals, 75,000 donations",
    "one event",
    "how many are dead or await their object",
    "the dead events",
    "the alerts",
];

/// The runbook's values and those that this portal has; the month is the one with all donations.
const OF_THIS_PORTAL: [(&str, &str); 4] = [
    ("pi_3FuezC092bs8YG8f6jAdLSgQ", "pi_6"),
    ("evt_3BskXZUxn3WlNdCTl8MLa0cR", "evt_6"),
    ("2026-10-01", "2026-09-01"),
    ("2026-11-01", "2026-10-01"),
];

/// The most rows that a statement may read that is not about a whole month.
const READ_MAX: u64 = 1000;

/// Runs each statement.
pub(crate) fn of_runbook(receiver: &Local, folder: &Path) -> Result<(), Failure> {
    fill(receiver)?;
    let metered = Metered::start(receiver, folder, &[])?;
    let statements: Vec<_> =
        RUNBOOK.lines().filter_map(|line| line.strip_prefix(EXECUTE)).collect();
    let statements: Vec<_> = statements.iter().map(|it| it.trim_end_matches('"')).collect();
    let mut measured = Measured::new();
    for (name, sql) in READING.into_iter().zip(&statements) {
        let sql = OF_THIS_PORTAL
            .iter()
            .fold((*sql).to_owned(), |sql, (of_runbook, here)| sql.replace(of_runbook, here));
        measured.push((name.into(), metered.cost_of_sql(&sql)?));
    }
    let prune = statements.iter().find(|it| it.starts_with("delete ")).ok_or("no prune")?;
    for (name, days) in [("prune, nothing is old", 0), ("prune, 10,000 events", 365)] {
        let now = (BEGIN + days * 86_400).to_string();
        measured.push((name.into(), metered.cost_of_sql(&prune.replace("unixepoch()", &now))?));
    }
    metered.stop()?;
    let within = check_limits(&measured);
    compare(&measured).and(within)
}

fn check_limits(measured: &Measured) -> Result<(), Failure> {
    let small =
        measured.iter().filter(|(name, _)| !name.contains("month") && !name.contains("prune"));
    for (name, cost) in small {
        if cost.rows_read > READ_MAX {
            return Err(format!("{name}: {} rows read", cost.rows_read).into());
        }
    }
    Ok(())
}
