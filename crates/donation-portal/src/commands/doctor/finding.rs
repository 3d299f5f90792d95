//! What was looked at, and what was found.

use std::fmt::Display;

use crate::exit::Failure;

/// What is looked at. The names are a contract, and both runbooks have a row for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// The signing secrets.
    Secrets,
    /// The inbox and the ledger.
    Database,
    /// The kept values of each donation.
    Ledger,
    /// Room beside a database file.
    Disk,
    /// The key for Stripe's API.
    Key,
    /// What that key may read.
    Rights,
    /// This machine's clock.
    Clock,
    /// The endpoint, as Stripe has it.
    Endpoint,
    /// The API versions in which events are made.
    Versions,
    /// Whether Stripe is asked what happened.
    Job,
    /// The reads at Stripe.
    Budget,
    /// The last completeness report.
    Report,
    /// Donations whose kind is not certain.
    Provisional,
    /// The accounts whose events come.
    Accounts,
    /// The way from the public URL to the server.
    Delivery,
    /// Whom to tell.
    Channels,
}

impl Check {
    /// The name in output and in the runbooks.
    pub(super) fn name(self) -> &'static str {
        match self {
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

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// Donations arrive, but less is done than could be, or not for long.
    Warning,
    /// It has to be repaired.
    Wrong,
    /// Nobody knows.
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

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckFinding {
    pub(super) check: Check,
    pub(super) level: Level,
    /// In one sentence.
    pub(super) found: String,
    /// What to do.
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

    /// Wrong, in the words of `failure`: what it says after a semicolon is what to do, and
    /// `otherwise` is where it says nothing.
    pub(super) fn failed(check: Check, failure: &Failure, otherwise: &str) -> Self {
        let text = failure.to_string();
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

    /// Where in the runbook it is explained, unless it is as it should be.
    pub(super) fn runbook(&self) -> Option<String> {
        (self.level != Level::Ok).then(|| format!("doctor, {}", self.check.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, CheckFinding};
    use crate::exit::Failure;

    #[test]
    fn a_failure_says_itself_what_to_do_or_is_helped() {
        let of = |text: &str| CheckFinding::failed(Check::Key, &Failure::misuse(text), "see there");
        assert_eq!(
            of("it is blank; copy it"),
            CheckFinding::wrong(Check::Key, "it is blank", "copy it")
        );
        assert_eq!(of("it is blank"), CheckFinding::wrong(Check::Key, "it is blank", "see there"));
    }
}
