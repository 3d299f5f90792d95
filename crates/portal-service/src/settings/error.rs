//! The errors of settings.

use std::fmt::{self, Display};

use portal_domain::Advise;

/// A setting that cannot be used. Its value is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The name of the setting.
    pub name: &'static str,
    pub why: String,
    /// The next step of the operator.
    pub advice: String,
}

/// The reason why a text is not the value of a setting; it does not repeat the text.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidValue {
    why: String,
    advice: Option<&'static str>,
}

impl InvalidValue {
    #[must_use]
    pub fn new(why: impl Display) -> Self {
        Self { why: why.to_string(), advice: None }
    }

    #[must_use]
    pub fn advise(self, advice: &'static str) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// Returns the error of the setting of that name, with an example.
    pub(super) fn of(self, name: &'static str, example: &str) -> SettingError {
        let example = format!("for example {example}");
        let advice = self.advice.map(|it| format!("{it}; {example}")).unwrap_or(example);
        SettingError { name, why: self.why, advice }
    }
}

impl<E: Advise> From<E> for InvalidValue {
    fn from(error: E) -> Self {
        Self { why: error.to_string(), advice: error.advice() }
    }
}

impl Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why, advice } = self;
        write!(f, "{name}: {why}; {advice}")
    }
}

impl std::error::Error for SettingError {}
