//! The error of a setting.

use std::fmt;

/// A setting that cannot be used. Its value is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The name of the setting.
    pub name: &'static str,
    why: String,
}

impl SettingError {
    /// The error of the setting of that name; `why` does not repeat its value.
    #[must_use]
    pub fn new(name: &'static str, why: String) -> Self {
        Self { name, why }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why } = self;
        write!(f, "{name}: {why}")
    }
}

impl std::error::Error for SettingError {}
