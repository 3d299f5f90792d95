//! The checks of `doctor` and their findings.

use crate::settings::SettingError;
use portal_domain::{Advise as _, StoreError, Text, text};
use portal_outbound::Language;
use serde::{Deserialize, Serialize};
use strum::{EnumMessage, IntoStaticStr, VariantArray};

/// A check. The names are a contract, and both runbooks have a row for each.
#[derive(
    IntoStaticStr,
    EnumMessage,
    VariantArray,
    Serialize,
    Deserialize,
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Check {
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
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Lists all checks for the help, one a line.
    #[must_use]
    pub fn list() -> String {
        let line = |check: &Self| {
            format!("\n  {:11}  {}", check.name(), check.get_documentation().unwrap_or_default())
        };
        Self::VARIANTS.iter().map(line).fold("Checks:".into(), |list, line| list + &line)
    }
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Level {
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
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The name for people.
    #[must_use]
    pub fn word(self, language: Language) -> &'static str {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFinding {
    pub check: Check,
    pub level: Level,
    /// One sentence.
    pub found: Text,
    /// The next step for the operator.
    pub advice: Option<Text>,
}

impl CheckFinding {
    #[must_use]
    pub fn ok(check: Check, found: Text) -> Self {
        Self { check, level: Level::Ok, found, advice: None }
    }

    #[must_use]
    pub fn warning(check: Check, found: Text, advice: Text) -> Self {
        Self::to_do(check, Level::Warning, found, advice)
    }

    #[must_use]
    pub fn wrong(check: Check, found: Text, advice: Text) -> Self {
        Self::to_do(check, Level::Wrong, found, advice)
    }

    #[must_use]
    pub fn not_checked(check: Check, found: Text, advice: Text) -> Self {
        Self::to_do(check, Level::NotChecked, found, advice)
    }

    /// Returns the finding about a setting that cannot be used.
    #[must_use]
    pub fn of_setting(check: Check, error: SettingError) -> Self {
        Self::wrong(check, Text::same(error.name).about(&error.why), error.advice)
    }

    /// Returns the finding that the store failed; `what` completes "could not …" in English, and is a
    /// whole clause in Japanese.
    #[must_use]
    pub fn store_failed(check: Check, what: &Text, error: &StoreError) -> Self {
        let Text { en, ja } = what;
        let found = text!("could not {en}", "{ja}").about(&error.text());
        Self::wrong(check, found, error.advice().unwrap_or_else(see_log))
    }

    #[must_use]
    pub fn to_do(check: Check, level: Level, found: Text, advice: Text) -> Self {
        Self { check, level, found, advice: Some(advice) }
    }

    /// Returns the place in the runbook that explains the finding, unless it is [`Level::Ok`].
    #[must_use]
    pub fn runbook(&self) -> Option<String> {
        (self.level != Level::Ok).then(|| format!("doctor, {}", self.check.name()))
    }
}

/// Returns the advice for an error that brings none.
#[must_use]
pub fn see_log() -> Text {
    text!(
        "find the reason in the server's log and in the runbook",
        "サーバーのログと運用手順書で原因を確認してください"
    )
}

#[cfg(test)]
mod tests {
    use portal_domain::{StoreError, Text, text};

    use super::{Check, CheckFinding, Level, see_log};

    #[test]
    fn an_error_of_the_store_brings_its_own_advice_or_leads_to_the_log() {
        let of = |error| {
            let what = text!("read the reports", "照合レポートを読み取れません");
            CheckFinding::store_failed(Check::Report, &what, &error)
        };
        let busy = of(StoreError::Busy);
        assert_eq!(busy.level, Level::Wrong);
        assert!(busy.found.en.starts_with("could not read the reports: "), "{busy:?}");
        assert!(busy.found.ja.starts_with("照合レポートを読み取れません: "), "{busy:?}");
        let advice: Vec<Option<Text>> = [StoreError::Full, StoreError::Failed("x".into())]
            .into_iter()
            .map(|it| of(it).advice)
            .collect();
        assert!(advice.iter().all(Option::is_some) && advice.last() == Some(&Some(see_log())));
    }
}
