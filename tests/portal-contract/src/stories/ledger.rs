//! The files in `samples/ledger`: complete events of gifts that other software counted wrongly.
//!
//! Each file has the case in one sentence, its source, the expected donations with the reason, and the
//! events in the order in which they happened.

use serde::Deserialize;
use serde_json::Value;

use super::{Expected, ExpectedDonation, HANDLED, Scenario};
use crate::stripe::whole;

/// A file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerCase {
    /// The case in one sentence.
    pub title: String,
    /// The report or the document that the case is taken from.
    pub source: String,
    /// The reason for the expected donations.
    pub why: String,
    /// All expected donations.
    pub donations: Vec<ExpectedDonation>,
    /// The expected donations of other orders, if the result depends on the order of events.
    pub or: Option<Vec<ExpectedDonation>>,
    /// The allowed states of events, if others than `processed` and `ignored` occur.
    pub states: Option<Vec<StateName>>,
    /// The sorted keys of open alerts, if the case is about them.
    pub alerts: Option<Vec<String>>,
    /// The expected donations of a comparison without any delivery, if they are others.
    pub reconciled: Option<Reconciled>,
    /// The reason why a comparison with Stripe has another result, if it has.
    pub not_reconciled: Option<String>,
    /// The events as Stripe delivers them.
    pub events: Vec<Value>,
}

/// A comparison with Stripe's API without any delivery.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciled {
    /// The objects of the API besides those of the events.
    #[serde(default)]
    pub objects: Vec<Value>,
    /// All expected donations.
    pub donations: Vec<ExpectedDonation>,
}

/// The name of a state of an event.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// [`portal_domain::State::Processed`]
    Processed,
    /// [`portal_domain::State::AwaitingObject`]
    AwaitingObject,
    /// [`portal_domain::State::Ignored`]
    Ignored,
}

/// Makes a function for each file that `every_story!` lists, with the name of the file.
macro_rules! read_each_file {
    (ledger { $($case:ident;)* }) => {
        $(
            #[doc = concat!("`samples/ledger/", stringify!($case), ".json`")]
            ///
            /// # Panics
            /// If the file is no such case.
            #[must_use]
            pub fn $case() -> LedgerCase {
                let file = include_str!(
                    concat!("../../../../samples/ledger/", stringify!($case), ".json")
                );
                serde_json::from_str(file).expect("a case in JSON")
            }
        )*

        /// All files with their names.
        pub const ALL: &[(&str, fn() -> LedgerCase)] = &[$((stringify!($case), $case),)*];
    };
    ($module:ident { $($story:ident;)* } $($rest:tt)*) => {
        read_each_file! { $($rest)* }
    };
}

crate::every_story! { read_each_file; }

impl StateName {
    fn name(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::AwaitingObject => "awaiting_object",
            Self::Ignored => "ignored",
        }
    }
}

impl From<LedgerCase> for Scenario {
    fn from(it: LedgerCase) -> Self {
        let states = it.states.map(|it| it.into_iter().map(StateName::name).collect());
        let expected = Expected {
            donations: [Some(it.donations), it.or].into_iter().flatten().collect(),
            states: states.unwrap_or_else(|| HANDLED.into()),
            alerts: it.alerts,
        };
        let told = it.events.into_iter().map(whole).collect();
        let title = format!("{} ({})", it.title, it.why);
        Self { title, told, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, LedgerCase};

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/ledger");

    /// A file that is not listed would never run.
    #[test]
    fn every_file_is_listed() {
        let mut listed: Vec<_> = ALL.iter().map(|it| it.0.to_owned()).collect();
        listed.sort();
        let files = std::fs::read_dir(FOLDER).unwrap().map(|it| it.unwrap().path());
        let mut files: Vec<_> =
            files.map(|it| it.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        files.sort();
        assert_eq!(files, listed);
    }

    #[test]
    fn every_file_says_what_it_is_and_why() {
        for file in std::fs::read_dir(FOLDER).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let case: LedgerCase =
                serde_json::from_str(&text).unwrap_or_else(|it| panic!("{path:?}: {it}"));
            let texts = [case.title, case.source, case.why];
            assert!(texts.iter().all(|it| !it.is_empty()) && !case.events.is_empty(), "{path:?}");
        }
    }
}
