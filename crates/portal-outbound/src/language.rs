//! The languages and the time zone that alerts are written in.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use portal_domain::{Text, UnixSeconds};

/// The language and the time zone of the readers.
#[derive(Clone, Debug)]
pub struct Locale {
    pub language: Language,
    pub zone: TimeZone,
}

/// A language that alerts are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    En,
    Ja,
}

impl Locale {
    /// Returns a local time with its zone: `2026-11-22 22:50 +09:00`, or `2026年11月22日 22:50 +09:00`.
    #[must_use]
    pub fn time(&self, at: UnixSeconds) -> String {
        let Ok(at) = Timestamp::from_second(at.get()) else { return at.to_string() };
        let at = at.to_zoned(self.zone.clone());
        let zone = if at.offset().is_zero() { "UTC" } else { "%:z" };
        let format = self.language.pick("%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M");
        at.strftime(&format!("{format} {zone}")).to_string()
    }
}

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::Ja];

    /// Returns the name in configuration: ISO 639-1.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// Returns the language of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Returns what `text` says in this language.
    #[must_use]
    pub fn choose(self, text: &Text) -> &str {
        self.pick(&text.en, &text.ja)
    }

    /// Returns the text in this language. Every text takes both languages, so none can be left out.
    pub fn pick<T>(self, en: T, ja: T) -> T {
        match self {
            Self::En => en,
            Self::Ja => ja,
        }
    }
}
