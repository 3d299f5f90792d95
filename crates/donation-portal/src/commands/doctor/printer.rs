//! The output of `doctor`.

use std::collections::BTreeSet;
use std::time::Duration;

use console::Style;
use indicatif::ProgressBar;
use serde::Serialize;

use super::finding::{CheckFinding, Level};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat, counted};

/// The interval between updates of the progress shown.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Keeps the findings until the first line can say what they come to.
pub(super) struct Printer {
    format: OneFormat,
    findings: Vec<CheckFinding>,
    /// Shows on a terminal that the checks go on, because some take seconds.
    progress: ProgressBar,
}

impl Printer {
    pub(super) fn new(format: OneFormat) -> Self {
        let progress = ProgressBar::new_spinner();
        progress.enable_steady_tick(PROGRESS_INTERVAL);
        Self { format, findings: Vec::new(), progress }
    }

    /// Takes findings. As JSON each is printed at once.
    pub(super) fn print(
        &mut self,
        findings: impl IntoIterator<Item = CheckFinding>,
    ) -> Result<(), Failure> {
        for finding in findings {
            if self.format == OneFormat::Json {
                output::print_json(&FindingLine::of(&finding))?;
            }
            self.progress.set_message(finding.check.name());
            self.findings.push(finding);
        }
        Ok(())
    }

    /// Prints the first line and all findings for people. Returns [`Exit::FoundWrong`] if one is wrong.
    pub(super) fn end(self) -> Result<Exit, Failure> {
        self.progress.finish_and_clear();
        if self.format == OneFormat::Text {
            let colours = console::colors_enabled();
            output::print(summary(&self.findings))?;
            self.findings.iter().try_for_each(|it| output::print(text(it, colours)))?;
        }
        let is_wrong = self.findings.iter().any(|it| it.level == Level::Wrong);
        Ok(if is_wrong { Exit::FoundWrong } else { Exit::Done })
    }
}

/// Returns one line on all findings, such as `1 wrong, 2 warnings` or `all 19 checks ok`.
fn summary(findings: &[CheckFinding]) -> String {
    let count = |level| findings.iter().filter(|it| it.level == level).count() as u64;
    let (wrong, warnings) = (count(Level::Wrong), count(Level::Warning));
    let not_checked = count(Level::NotChecked);
    let parts = [
        (wrong, format!("{wrong} wrong")),
        (warnings, counted(warnings, "warning")),
        (not_checked, format!("{not_checked} not checked")),
    ];
    let parts: Vec<_> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, part)| part).collect();
    if parts.is_empty() {
        let checks: BTreeSet<&str> = findings.iter().map(|it| it.check.name()).collect();
        return format!("all {} ok", counted(checks.len() as u64, "check"));
    }
    parts.join(", ")
}

/// Formats a finding as one line, with the advice in a second one.
fn text(finding: &CheckFinding, colours: bool) -> String {
    let CheckFinding { check, level, found, advice } = finding;
    let name = colour(*level).force_styling(colours).apply_to(format!("{:11}", level.name()));
    let first = format!("{name}  {:11}  {found}", check.name());
    let runbook = finding.runbook().map(|it| format!(" (runbook: {it})")).unwrap_or_default();
    match advice {
        None => first,
        Some(advice) => format!("{first}\n{:26}{advice}{runbook}", ""),
    }
}

/// Returns the colour of a level on a terminal.
fn colour(level: Level) -> Style {
    match level {
        Level::Ok => Style::new().green(),
        Level::Warning => Style::new().yellow(),
        Level::Wrong => Style::new().red(),
        Level::NotChecked => Style::new().dim(),
    }
}

/// The contract of `doctor --format json`.
#[derive(Serialize)]
struct FindingLine<'a> {
    check: &'static str,
    level: &'static str,
    found: &'a str,
    advice: Option<&'a str>,
    runbook: Option<String>,
}

impl<'a> FindingLine<'a> {
    fn of(finding: &'a CheckFinding) -> Self {
        Self {
            check: finding.check.name(),
            level: finding.level.name(),
            found: &finding.found,
            advice: finding.advice.as_deref(),
            runbook: finding.runbook(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::{Check, CheckFinding};
    use super::{FindingLine, summary, text};

    #[test]
    fn for_people_it_is_one_line_with_the_advice_below() {
        let fine = CheckFinding::ok(Check::Key, "fine");
        assert_eq!(text(&fine, false), "ok           key          fine");
        assert_eq!(
            text(&CheckFinding::not_checked(Check::Provisional, "not read", "look there"), false),
            "not_checked  provisional  not read\n\
             \x20                         look there (runbook: doctor, provisional)"
        );
    }

    #[test]
    fn on_a_terminal_the_level_is_coloured() {
        let wrong = text(&CheckFinding::wrong(Check::Key, "bad", "mend it"), true);
        assert!(wrong.starts_with("\x1b[31mwrong      \x1b[0m  key"), "{wrong:?}");
    }

    #[test]
    fn the_first_line_counts_what_is_not_ok() {
        let ok = CheckFinding::ok(Check::Key, "fine");
        let warning = CheckFinding::warning(Check::Disk, "little", "free some");
        let wrong = CheckFinding::wrong(Check::Disk, "none", "free some");
        let not_checked = CheckFinding::not_checked(Check::Clock, "not read", "look there");
        let fine = [ok.clone(), CheckFinding::ok(Check::Disk, "fine"), ok.clone()];
        assert_eq!(summary(&fine), "all 2 checks ok");
        let some = [ok.clone(), wrong, warning.clone(), warning];
        assert_eq!(summary(&some), "1 wrong, 2 warnings");
        assert_eq!(summary(&[ok, not_checked]), "1 not checked");
    }

    #[test]
    fn for_machines_every_line_has_the_same_keys() {
        let json = |finding| serde_json::to_string(&FindingLine::of(&finding)).unwrap();
        assert_eq!(
            json(CheckFinding::ok(Check::Disk, "fine")),
            r#"{"check":"disk","level":"ok","found":"fine","advice":null,"runbook":null}"#
        );
        assert_eq!(
            json(CheckFinding::wrong(Check::Disk, "full", "make room")),
            r#"{"check":"disk","level":"wrong","found":"full","advice":"make room","runbook":"doctor, disk"}"#
        );
    }
}
