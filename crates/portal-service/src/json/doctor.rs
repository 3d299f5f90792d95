//! Findings of `doctor`.

use serde::Serialize;

use crate::doctor::CheckFinding;

/// The contract of `doctor --format json`.
#[derive(Serialize)]
pub struct FindingLine<'a> {
    check: &'static str,
    level: &'static str,
    found: &'a str,
    advice: Option<&'a str>,
    runbook: Option<String>,
}

impl<'a> FindingLine<'a> {
    #[must_use]
    pub fn of(finding: &'a CheckFinding) -> Self {
        Self {
            check: finding.check.name(),
            level: finding.level.name(),
            found: &finding.found.en,
            advice: finding.advice.as_ref().map(|it| &*it.en),
            runbook: finding.runbook(),
        }
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::text;

    use super::FindingLine;
    use crate::doctor::{Check, CheckFinding};

    #[test]
    fn for_machines_every_line_has_the_same_keys_in_english() {
        let json = |finding| serde_json::to_string(&FindingLine::of(&finding)).unwrap();
        let (full, there) = (text!("full", "満杯"), text!("look there", "そちらを参照"));
        assert_eq!(
            json(CheckFinding::ok(Check::Disk, text!("fine", "問題なし"))),
            r#"{"check":"disk","level":"ok","found":"fine","advice":null,"runbook":null}"#
        );
        assert_eq!(
            json(CheckFinding::wrong(Check::Disk, full, there)),
            r#"{"check":"disk","level":"wrong","found":"full","advice":"look there","runbook":"doctor, disk"}"#
        );
    }
}
