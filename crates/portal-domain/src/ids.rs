//! The texts of an event that may be kept.
//!
//! Each type is an alphabet and a maximum length. No name, e-mail address or sentence fits any of
//! them, so a stored text cannot be personal data.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::lenient::{FromJson, Lenient};

/// Stripe's own limit for ids, in bytes (<https://docs.stripe.com/upgrades>, "ids of up to 255").
const ID_BYTES_MAX: usize = 255;

/// Event types are dotted words; the longest in 2026 has 74 bytes.
const TYPE_BYTES_MAX: usize = 128;

/// Enumeration values are words; the longest in 2026 has 47 bytes.
const TOKEN_BYTES_MAX: usize = 64;

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $fits:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Returns the value if `text` fits this type.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                let fits: fn(&str) -> bool = $fits;
                fits(text).then(|| Self(text.into()))
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromJson for $name {
            fn from_text(text: &str) -> Option<Self> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Lenient::deserialize(deserializer)?
                    .0
                    .ok_or_else(|| D::Error::custom(concat!("not fit for ", stringify!($name))))
            }
        }
    };
}

text_type! {
    /// An event's id (`evt_…`): 1 to 255 letters, digits, `_` or `-`. The prefix is no contract.
    EventId, |text| fits(text, ID_BYTES_MAX, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

text_type! {
    /// A Stripe object's id (`pi_…`, `in_…`): 1 to 255 letters, digits, `_`, `-` or `.`.
    ObjectId, |text| fits(text, ID_BYTES_MAX, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

text_type! {
    /// The account that an event belongs to if it is not one's own: account ids joined by `/`.
    AccountPath, |text| fits(text, ID_BYTES_MAX, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/'))
}

text_type! {
    /// An event's type, such as `payment_intent.succeeded`: lower-case words, digits, `_`, `.`, `[` and
    /// `]`.
    EventType, |text| fits(text, TYPE_BYTES_MAX, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'[' | b']'))
}

impl EventType {
    /// Returns the type as a snapshot event has it; thin events have the same types behind `v1.`.
    #[must_use]
    pub fn of_snapshot(&self) -> &str {
        self.as_str().strip_prefix("v1.").unwrap_or(self.as_str())
    }
}

text_type! {
    /// A value of one of Stripe's enumerations, an API version or an object's name: a lower-case word.
    EnumWord, |text| fits(text, TOKEN_BYTES_MAX, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-'))
}

impl EnumWord {
    /// Returns a word that this program gives, such as the name of an error.
    #[must_use]
    pub fn of_name(name: &'static str) -> Self {
        debug_assert!(Self::new(name).is_some(), "{name} is a lower-case word");
        Self(name.into())
    }
}

text_type! {
    /// A currency as Stripe writes it: three lower-case letters of ISO 4217.
    Currency, |text| text.len() == 3 && text.bytes().all(|b| b.is_ascii_lowercase())
}

text_type! {
    /// The name of someone who acts: of an operator's token, or `cli`.
    Actor, |text| fits(text, TOKEN_BYTES_MAX, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

text_type! {
    /// The key of an alert, such as `event_dead` or `dispute:du_1:open`: words and ids joined by `:`.
    AlertKey, |text| fits(text, 2 * ID_BYTES_MAX, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'))
}

fn fits(text: &str, bytes_max: usize, alphabet: impl Fn(u8) -> bool) -> bool {
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(alphabet)
}

#[cfg(test)]
mod tests {
    use super::{Actor, AlertKey, Currency, EnumWord, EventId, EventType, ObjectId};

    #[test]
    fn an_id_has_255_characters_at_most() {
        assert!(EventId::new(&"e".repeat(255)).is_some());
        assert!(EventId::new(&"e".repeat(256)).is_none());
        assert!(EventId::new("").is_none());
    }

    #[test]
    fn no_text_of_a_person_fits_any_type() {
        for text in
            ["Hanako Yamada", "hanako@example.org", "寄付", "a\u{0}b", "1-2-3 Chome", "+81 90"]
        {
            assert!(EventId::new(text).is_none(), "{text}");
            assert!(ObjectId::new(text).is_none(), "{text}");
            assert!(EventType::new(text).is_none(), "{text}");
            assert!(EnumWord::new(text).is_none(), "{text}");
            assert!(Currency::new(text).is_none(), "{text}");
            assert!(Actor::new(text).is_none(), "{text}");
            assert!(AlertKey::new(text).is_none(), "{text}");
        }
    }
}
