//! Lenient reading of JSON: a field of an unexpected shape loses the field, not the event.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that may be kept of an event, built from any JSON that stands in its place.
pub trait FromJson: Sized {
    /// Builds the value from a JSON string; `None` by default.
    #[must_use]
    fn from_text(_text: &str) -> Option<Self> {
        None
    }

    /// Builds the value from a JSON integer; `None` by default.
    #[must_use]
    fn from_integer(_integer: i64) -> Option<Self> {
        None
    }

    /// Builds the value from a JSON boolean; `None` by default.
    #[must_use]
    fn from_bool(_value: bool) -> Option<Self> {
        None
    }

    /// Builds the value from a JSON object; `None` by default.
    ///
    /// # Errors
    /// The deserializer's error if the JSON is broken, or if a strict field of the object does not
    /// fit.
    fn from_object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Option<Self>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// Builds the value from a JSON array; `None` by default.
    ///
    /// # Errors
    /// The same as [`FromJson::from_object`].
    fn from_array<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Option<Self>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl<T: FromJson> FromJson for Vec<Lenient<T>> {
    fn from_array<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Option<Self>, A::Error> {
        let mut kept = Self::new();
        while let Some(item) = items.next_element()? {
            kept.push(item);
        }
        Ok(Some(kept))
    }
}

impl FromJson for bool {
    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl FromJson for i64 {
    fn from_integer(integer: i64) -> Option<Self> {
        Some(integer)
    }
}

impl FromJson for crate::time::UnixSeconds {
    fn from_integer(integer: i64) -> Option<Self> {
        Self::new(integer)
    }
}

/// A field that is kept if it fits `T`, and is `None` otherwise.
///
/// Stripe may leave a field out, set it to null, or put an expanded object in the place of an id,
/// and may do so in a future version: none of that may make the event unreadable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Lenient<T>(pub Option<T>);

impl<T> Lenient<T> {
    /// Returns the value, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

/// A field whose null differs from its absence: null says that there is nothing, absence says
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nullable<T> {
    /// Missing, or not of the shape of `T`.
    #[default]
    Absent,
    Null,
    Value(T),
}

impl<T> Nullable<T> {
    /// Returns the value, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> SkipNone for Nullable<T> {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de, T: FromJson> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::<Lenient<T>>::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, |Lenient(it)| it.map_or(Self::Absent, Self::Value)))
    }
}

/// A value that is left out of the stored JSON if it is empty.
pub trait SkipNone {
    /// True if there is nothing to store.
    #[must_use]
    fn is_absent(&self) -> bool;
}

impl<T> SkipNone for Lenient<T> {
    fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

impl<T> SkipNone for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: FromJson> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson(std::marker::PhantomData)).map(Lenient)
    }
}

struct AnyJson<T>(std::marker::PhantomData<T>);

impl<'de, T: FromJson> Visitor<'de> for AnyJson<T> {
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

/// A `T` that must be a JSON object; serde alone would also accept an array for a struct.
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
    use super::Lenient;
    use crate::ids::ObjectId;

    #[test]
    fn a_field_that_does_not_fit_is_nothing() {
        let read = |json: &str| serde_json::from_str::<Lenient<ObjectId>>(json).unwrap().0;
        assert_eq!(read(r#""ch_1""#), ObjectId::new("ch_1"));
        for json in ["null", "1", "-1", "1.5", "true", "[1,[2]]", r#"{"id":"ch_1"}"#, r#""a b""#] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
