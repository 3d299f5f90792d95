//! The output of `doctor`.

use serde::Serialize;

use super::finding::{CheckFinding, Level};
use crate::exit::{Exit, Failure};
use crate::output::{self, OneFormat};

/// Prints findings and keeps the exit code.
pub(super) struct Printer {
    format: OneFormat,
    exit: Exit,
}

impl Printer {
    pub(super) fn new(format: OneFormat) -> Self {
        Self { format, exit: Exit::Done }
    }

    /// Prints each finding as soon as it is made, because some take seconds.
    pub(super) fn print(
        &mut self,
        findings: impl IntoIterator<Item = CheckFinding>,
    ) -> Result<(), Failure> {
        for finding in findings {
            if finding.level == Level::Wrong {
                self.exit = Exit::FoundWrong;
            }
            match self.format {
                OneFormat::Json => output::print_json(&FindingLine::of(&finding))?,
                OneFormat::Text => output::print(text(&finding))?,
            }
        }
        Ok(())
    }

    /// Returns [`Exit::FoundWrong`] if a finding was wrong.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }
}

/// Formats a finding as one line, with the advice in a second one.
fn text(finding: &CheckFinding) -> String {
    let CheckFinding { check, level, found, advice } = finding;
    let first = format!("{:11}  {:11}  {found}", level.name(), check.name());
    let runbook = finding.runbook().map(|it| format!(" (runbook: {it})")).unwrap_or_default();
    match advice {
        None => first,
        Some(advice) => format!("{first}\n{:26}{advice}{runbook}", ""),
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
    use super::{FindingLine, text};

    #[test]
    fn for_people_it_is_one_line_with_the_advice_below() {
        assert_eq!(text(&CheckFinding::ok(Check::Key, "fine")), "ok           key          fine");
        assert_eq!(
            text(&CheckFinding::not_checked(Check::Provisional, "unseen", "look there")),
            "not_checked  provisional  unseen\n\
             \x20                         look there (runbook: doctor, provisional)"
        );
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
