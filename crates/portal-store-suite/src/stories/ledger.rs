//! The files in `samples/ledger`: gifts that other software counted wrongly, in whole events.
//!
//! Each file has the case in a sentence, its source, why the donations are due, the donations, and the
//! events in the order in which they happened.

use serde::Deserialize;
use serde_json::Value;

use super::{Due, Expected, HANDLED, Scenario};
use crate::stripe::whole;

/// Of a case so many orders are tried: all orders of four events. More cost minutes on D1.
const ORDERS_MAX: u64 = 24;

/// One file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerCase {
    /// The case in a sentence.
    pub title: String,
    /// Who met it, or which document says that it happens.
    pub source: String,
    /// Why the donations are due.
    pub why: String,
    /// All donations that are due in the end.
    pub donations: Vec<Due>,
    /// All donations that may be due instead, where the order of the events decides.
    pub or: Option<Vec<Due>>,
    /// The states that events may have, where they are others than those of events that need nobody.
    pub states: Option<Vec<StateName>>,
    /// The keys of the alerts that are open in the end, sorted, where the case is about them.
    pub alerts: Option<Vec<String>>,
    /// What is due without any delivery, where that is something else.
    pub reconciled: Option<Reconciled>,
    /// Why a comparison with Stripe does not come to that, where it does not.
    pub not_reconciled: Option<String>,
    /// The events as Stripe delivers them.
    pub events: Vec<Value>,
}

/// A comparison with Stripe's API in place of all deliveries.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciled {
    /// Objects that the API shows beside those of the events.
    #[serde(default)]
    pub objects: Vec<Value>,
    /// All donations that are due then.
    pub donations: Vec<Due>,
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

/// Makes a function of each file that `every_story!` lists; it has the file's name.
macro_rules! read_each_file {
    (ledger { $($case:ident;)* }) => {
        $(
            #[doc = concat!("`samples/ledger/", stringify!($case), ".json`")]
            ///
            /// # Panics
            /// Where the file is no such case.
            #[must_use]
            pub fn $case() -> LedgerCase {
                let file = include_str!(
                    concat!("../../../../samples/ledger/", stringify!($case), ".json")
                );
                serde_json::from_str(file).expect("a case in JSON")
            }
        )*

        /// All files, by their names.
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
        Self { title, told, expected, orders_max: ORDERS_MAX }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, LedgerCase};

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/ledger");

    /// A file that is written but not listed would never be told.
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
