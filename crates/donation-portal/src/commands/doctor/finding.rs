//! The checks of `doctor` and their findings.

use portal_domain::Text;
use portal_outbound::Language;
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
    /// The name in data.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// The name for people.
    pub(super) fn word(self, language: Language) -> &'static str {
        let in_japanese = match self {
            Self::Ok => "正常",
            Self::Warning => "警告",
            Self::Wrong => "問題あり",
            Self::NotChecked => "未確認",
        };
        language.pick(self.name(), in_japanese)
    }
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CheckFinding {
    pub(super) check: Check,
    pub(super) level: Level,
    /// One sentence.
    pub(super) found: Text,
    /// The next step for the operator.
    pub(super) advice: Option<Text>,
}

impl CheckFinding {
    pub(super) fn ok(check: Check, found: Text) -> Self {
        Self { check, level: Level::Ok, found, advice: None }
    }

    pub(super) fn warning(check: Check, found: Text, advice: Text) -> Self {
        Self::to_do(check, Level::Warning, found, advice)
    }

    pub(super) fn wrong(check: Check, found: Text, advice: Text) -> Self {
        Self::to_do(check, Level::Wrong, found, advice)
    }

    pub(super) fn not_checked(check: Check, found: Text, advice: Text) -> Self {
        Self::to_do(check, Level::NotChecked, found, advice)
    }

    /// Returns a finding about `failure`, with the advice `otherwise` if it has none.
    pub(super) fn failed(check: Check, failure: &Failure, otherwise: Text) -> Self {
        Self::wrong(check, failure.finding(), failure.advice().cloned().unwrap_or(otherwise))
    }

    pub(super) fn to_do(check: Check, level: Level, found: Text, advice: Text) -> Self {
        Self { check, level, found, advice: Some(advice) }
    }

    /// Returns the place in the runbook that explains the finding, unless it is [`Level::Ok`].
    pub(super) fn runbook(&self) -> Option<String> {
        (self.level != Level::Ok).then(|| format!("doctor, {}", self.check.name()))
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::{Text, text};

    use super::{Check, CheckFinding};
    use crate::exit::Failure;

    #[test]
    fn a_failure_brings_its_own_advice_or_gets_the_given_one() {
        let see = || text!("see there", "そちらを参照");
        let copy = || text!("copy it", "コピー");
        let blank = || Failure::misuse("KEY", text!("it is blank; or a joke", "空です。冗談かも"));
        let of = |failure: &Failure| CheckFinding::failed(Check::Key, failure, see());
        let found = Text::new("KEY: it is blank; or a joke", "KEY: 空です。冗談かも");
        let due = |advice| CheckFinding::wrong(Check::Key, found.clone(), advice);
        assert_eq!(of(&blank().advise(copy())), due(copy()));
        assert_eq!(of(&blank()), due(see()));
    }
}
