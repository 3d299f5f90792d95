//! The names of metrics in queries, beside the list of all.

use std::collections::BTreeSet;
use std::fs;

use xtask::run::Failure;

use crate::RULES;
use crate::queries::{of_dashboard, of_rules};

/// The list that a test makes of what the service exposes.
const LIST: &str = "docs/metrics.txt";

/// The runbooks, which explain each rule.
const RUNBOOKS: [&str; 2] = ["docs/runbook.md", "docs/runbook.ja.md"];

/// The endings of the series of a histogram.
const OF_HISTOGRAM: [&str; 3] = ["_bucket", "_count", "_sum"];

/// The metrics that no panel shows, each with its reason.
const NOT_SHOWN: [(&str, &str); 0] = [];

/// Fails where a query names a metric that does not exist, or the dashboard shows one not.
pub(crate) fn check() -> Result<(), Failure> {
    let list = fs::read_to_string(LIST)?;
    let listed: BTreeSet<_> = list.lines().filter_map(|it| it.split(' ').next()).collect();
    let (rules, dashboard) = (of_rules()?, of_dashboard()?);
    let named = |queries: &[String]| -> BTreeSet<String> {
        queries.iter().flat_map(|it| names(it)).map(|it| family(&listed, it).to_owned()).collect()
    };
    let known = |name: &str| listed.contains(name) || matches!(name, "up" | "job");
    let on_it = named(&dashboard);
    if let Some(name) = named(&rules).union(&on_it).find(|it| !known(it)) {
        return Err(format!("a query names {name}, which is not in {LIST}").into());
    }
    let excepted = |name: &str| NOT_SHOWN.iter().any(|(it, _)| *it == name);
    match listed.iter().find(|it| !on_it.contains(**it) && !excepted(it)) {
        Some(name) => Err(format!("no panel of the dashboard shows {name}").into()),
        None => Ok(()),
    }
}

/// Fails where a rule, or the word that it is explained by, is not in a runbook.
pub(crate) fn explained() -> Result<(), Failure> {
    let rules = fs::read_to_string(RULES)?;
    for runbook in RUNBOOKS {
        let text = fs::read_to_string(runbook)?;
        for line in rules.lines().map(str::trim_start) {
            let word = line.strip_prefix("- alert: ").or_else(|| line.strip_prefix("runbook: "));
            if let Some(word) = word.filter(|it| !text.contains(it)) {
                return Err(format!("{word} of {RULES} is not in {runbook}").into());
            }
        }
    }
    Ok(())
}

/// Returns the words of a query that begin as metrics of ours do.
fn names(query: &str) -> impl Iterator<Item = &str> {
    let words = query.split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '_' | ':')));
    words.filter(|it| it.starts_with("donation_portal_") || it.starts_with("process_"))
}

/// Returns the name of the metric that a series belongs to.
fn family<'n>(listed: &BTreeSet<&str>, series: &'n str) -> &'n str {
    let of_one = OF_HISTOGRAM.iter().find_map(|it| series.strip_suffix(it));
    of_one.filter(|it| listed.contains(*it)).unwrap_or(series)
}
