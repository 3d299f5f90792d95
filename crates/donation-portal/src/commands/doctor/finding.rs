//! The checks of `doctor` and their findings.

use std::fmt::Display;

/// A check. The names are a contract, and both runbooks have a row for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Settings,
    Secrets,
    Database,
    /// The stored values of each donation, compared with the ledger.
    Ledger,
    /// The free space beside a database file.
    Disk,
    /// The key for Stripe's API.
    Key,
    /// The permissions of that key.
    Rights,
    /// This machine's clock, compared with Stripe's.
    Clock,
    /// The webhook endpoint at Stripe.
    Endpoint,
    /// The API versions of endpoints and events.
    Versions,
    /// The job that polls Stripe for events.
    Job,
    /// The budget of reads at Stripe.
    Budget,
    /// The last completeness report.
    Report,
    /// Donations that may turn out to be part of an invoice.
    Provisional,
    /// The accounts whose events arrive.
    Accounts,
    /// A test delivery through the public URL.
    Delivery,
    /// The notification channels.
    Channels,
}

impl Check {
    /// The name in output and in the runbooks.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Secrets => "secrets",
            Self::Database => "database",
            Self::Ledger => "ledger",
            Self::Disk => "disk",
            Self::Key => "key",
            Self::Rights => "rights",
            Self::Clock => "clock",
            Self::Endpoint => "endpoint",
            Self::Versions => "versions",
            Self::Job => "job",
            Self::Budget => "budget",
            Self::Report => "report",
            Self::Provisional => "provisional",
            Self::Accounts => "accounts",
            Self::Delivery => "delivery",
            Self::Channels => "channels",
        }
    }
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
            Self::NotChecked => "not_checked",
        }
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

    /// Returns a finding with the text of an error: the part after its first semicolon is the
    /// advice, and `otherwise` is if there is none.
    pub(super) fn failed(check: Check, error: impl Display, otherwise: &str) -> Self {
        let text = error.to_string();
        let (found, advice) = text.split_once("; ").unwrap_or((&text, otherwise));
        Self::wrong(check, found, advice)
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

    #[test]
    fn a_failure_brings_its_own_advice_or_gets_the_given_one() {
        let of = |text: &str| CheckFinding::failed(Check::Key, text, "see there");
        assert_eq!(
            of("it is blank; copy it"),
            CheckFinding::wrong(Check::Key, "it is blank", "copy it")
        );
        assert_eq!(of("it is blank"), CheckFinding::wrong(Check::Key, "it is blank", "see there"));
    }
}
