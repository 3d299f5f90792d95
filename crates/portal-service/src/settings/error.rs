//! The errors of settings.

use std::fmt::{self, Display};

use portal_domain::{Advise, Text, text};

/// A setting that cannot be used. Its value is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The name of the setting.
    pub name: &'static str,
    pub why: Text,
    /// The next step of the operator.
    pub advice: Text,
}

/// The reason why a text is not the value of a setting; it does not repeat the text.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidValue {
    why: Text,
    advice: Option<Text>,
}

impl InvalidValue {
    #[must_use]
    pub fn new(why: Text) -> Self {
        Self { why, advice: None }
    }

    /// Returns the error of a setting that has to be set.
    #[must_use]
    pub fn not_set() -> Self {
        Self::new(text!("it is not set", "設定されていません"))
    }

    #[must_use]
    pub fn advise(self, advice: Text) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// Returns the error of the setting of that name, with an example.
    pub(super) fn of(self, name: &'static str, example: &str) -> SettingError {
        let example = text!("for example {example}", "例: {example}");
        let advice = match &self.advice {
            Some(advice) => advice.then(&example),
            None => example,
        };
        SettingError { name, why: self.why, advice }
    }
}

impl<E: Advise> From<E> for InvalidValue {
    fn from(error: E) -> Self {
        Self { why: error.text(), advice: error.advice() }
    }
}

/// In English.
impl Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why, advice } = self;
        write!(f, "{name}: {}; {}", why.en, advice.en)
    }
}

impl std::error::Error for SettingError {}
