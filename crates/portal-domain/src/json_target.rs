//! Reads JSON into values that know which of it they keep.
//!
//! One reader fills them all through [`JsonTarget`], [`ObjectTarget`] and [`ArrayTarget`]. serde's derived
//! readers of the same values, one for each type and each source of its JSON, were a fifteenth of the Worker.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A place that one JSON value is read into.
pub trait JsonTarget {
    /// Takes a value that is no object and no array. False if such a value must not stand here.
    fn take(&mut self, scalar: Scalar<'_>) -> bool;

    /// Begins an object; `None` if none is kept here, and it is [`Scalar::Other`].
    fn object(&mut self) -> Option<&mut dyn ObjectTarget> {
        None
    }

    /// Begins an array; `None` if none is kept here, and it is [`Scalar::Other`].
    fn array(&mut self) -> Option<&mut dyn ArrayTarget> {
        None
    }
}

/// A JSON value without parts.
#[derive(Clone, Copy)]
pub enum Scalar<'j> {
    Null,
    Bool(bool),
    Integer(i64),
    Text(&'j str),
    /// A number that is no `i64`, or an object or array where none is kept.
    Other,
}

/// A place that the fields of one object are read into: 64 at most.
pub trait ObjectTarget {
    /// Returns the place of the field `name` with its number; `None` if it is not kept.
    fn field(&mut self, name: &str) -> Option<(u32, &mut dyn JsonTarget)>;
}

/// A place that the items of one array are read into.
pub trait ArrayTarget {
    /// Adds an item, and returns its place.
    fn item(&mut self) -> &mut dyn JsonTarget;
}

/// Reads the text of one object.
///
/// # Errors
/// An error if `json` is no object, a known key occurs twice, or a value stands where it must not. Its text
/// may quote the object, so it must not be shown.
pub(crate) fn read_object(json: &str, fields: &mut dyn ObjectTarget) -> serde_json::Result<()> {
    let mut json_reader = serde_json::Deserializer::from_str(json);
    json_reader.deserialize_map(ReadObject(fields))?;
    json_reader.end()
}

/// Reads one value.
///
/// # Errors
/// The same as [`read_object`].
pub(crate) fn read_value<'de, D: Deserializer<'de>>(
    deserializer: D,
    target: &mut dyn JsonTarget,
) -> Result<(), D::Error> {
    deserializer.deserialize_any(ReadValue(target))
}

/// Reads the entries of an object; `id` is its first one, if that was taken from them before.
///
/// # Errors
/// The same as [`read_object`].
pub(crate) fn read_entries<'de, A: MapAccess<'de>>(
    mut entries: A,
    fields: &mut dyn ObjectTarget,
    id: Option<&str>,
) -> Result<(), A::Error> {
    let mut seen = 0_u64;
    if let Some(id) = id
        && let Some((number, target)) = fields.field("id")
    {
        target.take(Scalar::Text(id));
        seen = 1 << number;
    }
    while let Some(field) = entries.next_key_seed(ReadKey(&mut *fields))? {
        let Some((number, target)) = field else {
            entries.next_value::<IgnoredAny>()?;
            continue;
        };
        debug_assert!(number < u64::BITS, "64 fields at most");
        if seen & 1 << number != 0 {
            return Err(A::Error::custom("a key occurs twice"));
        }
        seen |= 1 << number;
        entries.next_value_seed(ReadValue(target))?;
    }
    Ok(())
}

struct ReadObject<'t>(&'t mut dyn ObjectTarget);
struct ReadKey<'t>(&'t mut dyn ObjectTarget);
struct ReadValue<'t>(&'t mut dyn JsonTarget);
struct ReadItem<'t>(&'t mut dyn ArrayTarget);

impl<'de> Visitor<'de> for ReadObject<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        read_entries(entries, self.0, None)
    }
}

impl<'de, 't> DeserializeSeed<'de> for ReadKey<'t> {
    type Value = Option<(u32, &'t mut dyn JsonTarget)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'t> Visitor<'_> for ReadKey<'t> {
    type Value = Option<(u32, &'t mut dyn JsonTarget)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.field(name))
    }
}

impl<'de> DeserializeSeed<'de> for ReadValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl ReadValue<'_> {
    fn take<E: Error>(self, scalar: Scalar<'_>) -> Result<(), E> {
        match self.0.take(scalar) {
            true => Ok(()),
            false => Err(E::custom("a value that must not stand there")),
        }
    }
}

impl<'de> Visitor<'de> for ReadValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.take(Scalar::Text(text))
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<(), E> {
        self.take(Scalar::Integer(integer))
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<(), E> {
        self.take(i64::try_from(integer).map_or(Scalar::Other, Scalar::Integer))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.take(Scalar::Bool(value))
    }

    fn visit_f64<E: Error>(self, _value: f64) -> Result<(), E> {
        self.take(Scalar::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.take(Scalar::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        if let Some(items) = self.0.array() {
            while array.next_element_seed(ReadItem(&mut *items))?.is_some() {}
            return Ok(());
        }
        IgnoredAny.visit_seq(array)?;
        self.take(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<(), A::Error> {
        if let Some(fields) = self.0.object() {
            return read_entries(entries, fields, None);
        }
        IgnoredAny.visit_map(entries)?;
        self.take(Scalar::Other)
    }
}

impl<'de> DeserializeSeed<'de> for ReadItem<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        read_value(deserializer, self.0.item())
    }
}
