//! The checks of `doctor` and their findings.

use std::fmt::Display;

use strum::{EnumMessage, IntoStaticStr, VariantArray};

use crate::exit::Failure;

/// A check. The names are a contract, and both runbooks have a row for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, EnumMessage, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Check {
    /// Settings that no other check reads
    Settings,
    /// Number and form of the signing secrets
    Secrets,
    /// Schema, writes and clock of the database; dead events
    Database,
    /// Stored values of the donations, compared with the ledger
    Ledger,
    /// Free space beside a database file
    Disk,
    /// Key for Stripe's API
    Key,
    /// Permissions of that key
    Rights,
    /// This machine's clock, compared with Stripe's
    Clock,
    /// Webhook endpoint at Stripe
    Endpoint,
    /// API versions of endpoints and events
    Versions,
    /// Job that polls Stripe for events
    Job,
    /// Budget of reads at Stripe
    Budget,
    /// Last completeness report
    Report,
    /// Donations that may turn out to be part of an invoice
    Provisional,
    /// Accounts whose events arrive
    Accounts,
    /// Open alerts, with the channels that were not notified
    Alerts,
    /// Last recorded delivery, and those refused now
    Deliveries,
    /// Test delivery through the public URL
    Delivery,
    /// Notification channels
    Channels,
}

impl Check {
    /// The name in output and in the runbooks.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// Lists all checks for the help, one a line.
    pub(super) fn list() -> String {
        let line = |check: &Self| {
            format!("\n  {:11}  {}", check.name(), check.get_documentation().unwrap_or_default())
        };
        Self::VARIANTS.iter().map(line).fold("Checks:".into(), |list, line| list + &line)
    }
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Level {
    Ok,
    /// Donations are recorded, but something is missing or will soon be wrong.
    Warning,
    /// Something must be repaired.
    Wrong,
    /// The check could not be made.
    NotChecked,
}

impl Level {
    /// The name in output.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckFinding {
    pub(super) check: Check,
    pub(super) level: Level,
    /// One sentence.
    pub(super) found: String,
    /// The next step for the operator.
    pub(super) advice: Option<String>,
}

impl CheckFinding {
    pub(super) fn ok(check: Check, found: impl Display) -> Self {
        Self { check, level: Level::Ok, found: found.to_string(), advice: None }
    }

    pub(super) fn warning(check: Check, found: impl Display, advice: impl Display) -> Self {
        Self::to_do(check, Level::Warning, found, advice)
    }

    pub(super) fn wrong(check: Check, found: impl Display, advice: impl Display) -> Self {
        Self::to_do(check, Level::Wrong, found, advice)
    }

    pub(super) fn not_checked(check: Check, found: impl Display, advice: impl Display) -> Self {
        Self::to_do(check, Level::NotChecked, found, advice)
    }

    /// Returns a finding about `failure`, with the advice `otherwise` if it has none.
    pub(super) fn failed(check: Check, failure: &Failure, otherwise: &str) -> Self {
        Self::wrong(check, failure.finding(), failure.advice().unwrap_or(otherwise))
    }

    pub(super) fn to_do(
        check: Check,
        level: Level,
        found: impl Display,
        advice: impl Display,
    ) -> Self {
        Self { check, level, found: found.to_string(), advice: Some(advice.to_string()) }
    }

    /// Returns the place in the runbook that explains the finding, unless it is [`Level::Ok`].
    pub(super) fn runbook(&self) -> Option<String> {
        (self.level != Level::Ok).then(|| format!("doctor, {}", self.check.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, CheckFinding};
    use crate::exit::Failure;

    #[test]
    fn a_failure_brings_its_own_advice_or_gets_the_given_one() {
        let blank = || Failure::misuse("KEY", "it is blank; or a joke");
        let of = |failure: &Failure| CheckFinding::failed(Check::Key, failure, "see there");
        let due = |advice| CheckFinding::wrong(Check::Key, "KEY: it is blank; or a joke", advice);
        assert_eq!(of(&blank().advise("copy it")), due("copy it"));
        assert_eq!(of(&blank()), due("see there"));
    }
}
