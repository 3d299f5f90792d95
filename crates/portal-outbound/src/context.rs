//! The parts of a message that no alert has: the readers, the service that speaks, and its runbook.

use crate::language::{Language, Locale};

/// The service that speaks, and its readers.
#[derive(Clone, Debug)]
pub struct MessageContext {
    pub locale: Locale,
    /// The name of the machine, or on a Worker of the host that it answers for.
    pub host: String,
    /// True in live mode, as the key for Stripe's API says; `None` without a key.
    pub livemode: Option<bool>,
    /// The URL of the runbook, whose sections have the kinds of alerts as their anchors.
    pub runbook_url: Option<String>,
    /// The URL of the console, without a path.
    pub console_url: Option<String>,
    /// The path of the database, if it is a file.
    pub database: Option<String>,
}

impl MessageContext {
    /// The context of a service that is known by its readers only.
    #[must_use]
    pub fn new(locale: Locale) -> Self {
        let host = "donation-portal".to_owned();
        Self { locale, host, livemode: None, runbook_url: None, console_url: None, database: None }
    }

    pub(crate) fn language(&self) -> Language {
        self.locale.language
    }

    /// Returns the sentence on who speaks.
    pub(crate) fn from(&self) -> String {
        let Self { host, livemode, .. } = self;
        let language = self.language();
        let mode = match livemode {
            None => "",
            Some(true) => language.pick(" (live mode)", "（本番環境）"),
            Some(false) => language.pick(" (test mode)", "（テスト環境）"),
        };
        language.pick(format!("From {host}{mode}."), format!("送信元: {host}{mode}。"))
    }

    /// Returns the URL of the console's page on an alert.
    pub(crate) fn page(&self, key: &str) -> Option<String> {
        self.console_url.as_ref().map(|url| format!("{url}/ops/alerts/{key}"))
    }

    /// Returns the URL of the runbook's section on a kind of alerts.
    pub(crate) fn section(&self, kind: &str) -> Option<String> {
        self.runbook_url.as_ref().map(|url| format!("{url}#{kind}"))
    }
}
