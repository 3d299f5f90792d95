//! The texts of an event that may be kept.
//!
//! Each type is an alphabet and a length. A donor's name, an e-mail address or a sentence does not
//! fit into any of them, so what is kept of a text cannot be one.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Stripe's own bound for ids, in bytes (<https://docs.stripe.com/upgrades>, "ids of up to 255").
const ID_BYTES_MAX: usize = 255;

/// Event types are dotted words; the longest in 2026 has 74 bytes.
const TYPE_BYTES_MAX: usize = 128;

/// Enumeration values are words; the longest in 2026 has 47 bytes.
const TOKEN_BYTES_MAX: usize = 64;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $fits:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes `text` if it fits this type.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                let fits: fn(&str) -> bool = $fits;
                fits(text).then(|| Self(text.into()))
            }

            /// The text.
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

        impl Kept for $name {
            fn from_text(text: &str) -> Option<Self> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Maybe::deserialize(deserializer)?
                    .0
                    .ok_or_else(|| D::Error::custom(concat!("not fit for ", stringify!($name))))
            }
        }
    };
}

text! {
    /// An event's id (`evt_…`): 1 to 255 letters, digits, `_` or `-`. The prefix is no contract.
    EventId, |text| fits(text, ID_BYTES_MAX, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

text! {
    /// A Stripe object's id (`pi_…`, `in_…`): 1 to 255 letters, digits, `_`, `-` or `.`.
    ObjectId, |text| fits(text, ID_BYTES_MAX, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

text! {
    /// Whose event it is where it is not one's own: account ids joined by `/`.
    AccountPath, |text| fits(text, ID_BYTES_MAX, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/'))
}

text! {
    /// An event's type, such as `payment_intent.succeeded`: lower-case words, digits, `_`, `.`, `[` and
    /// `]`.
    EventType, |text| fits(text, TYPE_BYTES_MAX, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'[' | b']'))
}

impl EventType {
    /// The type as a snapshot event has it; thin events carry the same types behind `v1.`.
    #[must_use]
    pub fn of_snapshot(&self) -> &str {
        self.as_str().strip_prefix("v1.").unwrap_or(self.as_str())
    }
}

text! {
    /// A value of one of Stripe's enumerations, an API version or an object's name: a lower-case word.
    Token, |text| fits(text, TOKEN_BYTES_MAX, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-'))
}

text! {
    /// A currency as Stripe writes it: three lower-case letters of ISO 4217.
    Currency, |text| text.len() == 3 && text.bytes().all(|b| b.is_ascii_lowercase())
}

fn fits(text: &str, bytes_max: usize, alphabet: impl Fn(u8) -> bool) -> bool {
    (1..=bytes_max).contains(&text.len()) && text.bytes().all(alphabet)
}

/// A value that may be kept of an event, made of whatever JSON stands in its place.
pub trait Kept: Sized {
    /// Made of a JSON string; by default there is no way.
    #[must_use]
    fn from_text(_text: &str) -> Option<Self> {
        None
    }

    /// Made of a JSON integer; by default there is no way.
    #[must_use]
    fn from_integer(_integer: i64) -> Option<Self> {
        None
    }

    /// Made of a JSON boolean; by default there is no way.
    #[must_use]
    fn from_bool(_value: bool) -> Option<Self> {
        None
    }

    /// Made of a JSON object; by default there is no way.
    ///
    /// # Errors
    /// Where the JSON is broken, or the object has a field that is strict and does not fit.
    fn from_object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Option<Self>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// Made of a JSON array; by default there is no way.
    ///
    /// # Errors
    /// As [`Kept::from_object`].
    fn from_array<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Option<Self>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl<T: Kept> Kept for Vec<Maybe<T>> {
    fn from_array<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Option<Self>, A::Error> {
        let mut kept = Self::new();
        while let Some(item) = items.next_element()? {
            kept.push(item);
        }
        Ok(Some(kept))
    }
}

impl Kept for bool {
    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Kept for i64 {
    fn from_integer(integer: i64) -> Option<Self> {
        Some(integer)
    }
}

impl Kept for crate::time::UnixSeconds {
    fn from_integer(integer: i64) -> Option<Self> {
        Self::new(integer)
    }
}

/// A field that is kept where it fits `T`, and is nothing otherwise.
///
/// Stripe may leave a field out, set it to null, or put an expanded object in an id's place, and
/// may do so in a version that is not written yet: none of that may cost the event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Maybe<T>(pub Option<T>);

impl<T> Maybe<T> {
    /// The value, where there is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

/// A field of which it matters whether it is there: a null says that there is nothing, an absent one
/// says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nullable<T> {
    /// Not there, or not what fits `T`.
    #[default]
    Absent,
    /// There, and null.
    Null,
    /// There.
    Value(T),
}

impl<T> Nullable<T> {
    /// The value, where there is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> Absent for Nullable<T> {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de, T: Kept> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::<Maybe<T>>::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, |Maybe(it)| it.map_or(Self::Absent, Self::Value)))
    }
}

/// What need not be written down.
pub trait Absent {
    /// Whether there is nothing.
    #[must_use]
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Maybe<T> {
    fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Kept> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson(std::marker::PhantomData)).map(Maybe)
    }
}

struct AnyJson<T>(std::marker::PhantomData<T>);

impl<'de, T: Kept> Visitor<'de> for AnyJson<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::from_text(text))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Self::Value, E> {
        Ok(T::from_integer(integer))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(integer).ok().and_then(T::from_integer))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(T::from_bool(value))
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        T::from_array(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::from_object(entries)
    }
}

/// A `T` that must stand as a JSON object; serde alone would also take an array for a struct.
pub(crate) struct FromObject<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for FromObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = FromObject<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(entries)).map(FromObject)
            }
        }

        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::{Currency, EventId, EventType, Maybe, ObjectId, Token};

    #[test]
    fn an_id_has_255_characters_at_most() {
        assert!(EventId::new(&"e".repeat(255)).is_some());
        assert!(EventId::new(&"e".repeat(256)).is_none());
        assert!(EventId::new("").is_none());
    }

    #[test]
    fn what_a_person_would_write_fits_nothing() {
        for text in
            ["Hanako Yamada", "hanako@example.org", "寄付", "a\u{0}b", "1-2-3 Chome", "+81 90"]
        {
            assert!(EventId::new(text).is_none(), "{text}");
            assert!(ObjectId::new(text).is_none(), "{text}");
            assert!(EventType::new(text).is_none(), "{text}");
            assert!(Token::new(text).is_none(), "{text}");
            assert!(Currency::new(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_field_that_does_not_fit_is_nothing() {
        let read = |json: &str| serde_json::from_str::<Maybe<ObjectId>>(json).unwrap().0;
        assert_eq!(read(r#""ch_1""#), ObjectId::new("ch_1"));
        for json in ["null", "1", "-1", "1.5", "true", "[1,[2]]", r#"{"id":"ch_1"}"#, r#""a b""#] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
