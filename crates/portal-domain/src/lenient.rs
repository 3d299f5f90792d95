//! Lenient reading of JSON: a field of an unexpected shape loses the field, not the event.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json_target::{ArrayTarget, JsonTarget, ObjectTarget, Scalar, read_value};

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

    /// Puts an empty value in its place and returns the fields to fill, if it is a JSON object.
    fn object(_kept: &mut Option<Self>) -> Option<&mut dyn ObjectTarget> {
        None
    }

    /// Puts an empty value in its place and returns the list to fill, if it is a JSON array.
    fn array(_kept: &mut Option<Self>) -> Option<&mut dyn ArrayTarget> {
        None
    }
}

impl<T: FromJson> FromJson for Vec<Lenient<T>> {
    fn array(kept: &mut Option<Self>) -> Option<&mut dyn ArrayTarget> {
        Some(kept.insert(Self::new()))
    }
}

impl<T: FromJson> ArrayTarget for Vec<Lenient<T>> {
    fn item(&mut self) -> &mut dyn JsonTarget {
        self.push_mut(Lenient(None))
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

/// Implements [`ObjectTarget`] for a struct, and with that [`FromJson`]. A field is
/// called in JSON as it is here, unless it says otherwise: `kind = "type"`.
macro_rules! fields {
    ($name:ident { $($field:ident $(= $key:literal)?,)* }) => {
        impl $crate::json_target::ObjectTarget for $name {
            fn field(&mut self, name: &str) -> Option<(u32, &mut dyn $crate::json_target::JsonTarget)> {
                #[expect(non_camel_case_types, reason = "named like the fields")]
                enum Number { $($field,)* }
                match name {
                    $($crate::lenient::key!($field $($key)?) => {
                        Some((Number::$field as u32, &mut self.$field))
                    })*
                    _ => None,
                }
            }
        }

        impl $crate::lenient::FromJson for $name {
            fn object(kept: &mut Option<Self>) -> Option<&mut dyn $crate::json_target::ObjectTarget> {
                Some(kept.insert(Self::default()))
            }
        }
    };
}

macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}

pub(crate) use {fields, key};

/// A field whose null differs from its absence: null says that there is nothing, absence says
/// nothing. Objects and arrays are not of the shape of any `T`.
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

impl<T: FromJson> JsonTarget for Nullable<T> {
    fn take(&mut self, scalar: Scalar<'_>) -> bool {
        *self = match matches!(scalar, Scalar::Null) {
            true => Self::Null,
            false => value(scalar).map_or(Self::Absent, Self::Value),
        };
        true
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

impl<T: FromJson> JsonTarget for Lenient<T> {
    fn take(&mut self, scalar: Scalar<'_>) -> bool {
        self.0 = value(scalar);
        true
    }

    fn object(&mut self) -> Option<&mut dyn ObjectTarget> {
        T::object(&mut self.0)
    }

    fn array(&mut self) -> Option<&mut dyn ArrayTarget> {
        T::array(&mut self.0)
    }
}

fn value<T: FromJson>(scalar: Scalar<'_>) -> Option<T> {
    match scalar {
        Scalar::Text(text) => T::from_text(text),
        Scalar::Integer(integer) => T::from_integer(integer),
        Scalar::Bool(value) => T::from_bool(value),
        Scalar::Null | Scalar::Other => None,
    }
}

/// An amount, which is strict: whatever is neither an integer nor null must not stand in its place.
impl JsonTarget for Option<i64> {
    fn take(&mut self, scalar: Scalar<'_>) -> bool {
        *self = value(scalar);
        matches!(scalar, Scalar::Integer(_) | Scalar::Null)
    }
}

impl<'de, T: FromJson> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut kept = Self(None);
        read_value(deserializer, &mut kept)?;
        Ok(kept)
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
