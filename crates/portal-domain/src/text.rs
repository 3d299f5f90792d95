//! Texts for people.

use std::fmt::Display;
use std::io;

use serde::{Deserialize, Serialize};

/// A text in each language that people read. It has no `Display`: it is shown in the language of its
/// reader only. Logs and data have the English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub en: Box<str>,
    pub ja: Box<str>,
}

/// Returns the [`Text`] of two format strings, the English and the Japanese one, which take what they
/// name from the place of the call.
#[macro_export]
macro_rules! text {
    ($en:literal, $ja:literal $(,)?) => {
        $crate::Text::new(::core::format_args!($en), ::core::format_args!($ja))
    };
}

impl Text {
    #[must_use]
    pub fn new(en: impl Display, ja: impl Display) -> Self {
        Self { en: en.to_string().into(), ja: ja.to_string().into() }
    }

    /// Returns words that are the same in each language, such as those of the operating system.
    #[must_use]
    pub fn same(words: impl Display) -> Self {
        Self::new(&words, &words)
    }

    /// Returns this text with what there is to say about it: `what: why`.
    #[must_use]
    pub fn about(&self, why: &Self) -> Self {
        Self::new(format_args!("{}: {}", self.en, why.en), format_args!("{}: {}", self.ja, why.ja))
    }

    /// Returns this text and the `next` one: `found; advice`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self::new(
            format_args!("{}; {}", self.en, next.en),
            format_args!("{}。{}", self.ja, next.ja),
        )
    }
}

/// The words of the operating system, in its language.
impl From<io::Error> for Text {
    fn from(error: io::Error) -> Self {
        Self::same(error)
    }
}
