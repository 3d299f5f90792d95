//! An event's `data.object`, and two ways to read it.
//!
//! The event's type decides which facts are kept, and Stripe writes `type` last. So the object is
//! either kept as text and read once the type is known, or read at once by its own name, which
//! Stripe writes at its beginning. The second way takes half the time, and fits nearly all
//! deliveries.

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::facts::{Facts, FactsKind};
use crate::json_target::read_entries;

/// An object from which the facts of one kind can be taken.
pub(crate) trait DataObject {
    /// Returns the facts if the object is of that kind.
    fn facts(self, kind: FactsKind) -> Option<Facts>;
}

impl DataObject for &RawValue {
    fn facts(self, kind: FactsKind) -> Option<Facts> {
        kind.read(self.get()).ok()
    }
}

/// The facts of an object whose first keys are `id` and `object`; `None` if its name is unknown.
pub(crate) struct InOrder(Option<Facts>);

impl DataObject for InOrder {
    fn facts(self, kind: FactsKind) -> Option<Facts> {
        self.0.filter(|facts| facts.kind() == kind)
    }
}

impl<'de> Deserialize<'de> for InOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = InOrder;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object that begins with id and object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<InOrder, A::Error> {
                let Some(("id", id)) = entries.next_entry::<&str, &str>()? else {
                    return Err(A::Error::custom("id is not first"));
                };
                let Some(("object", name)) = entries.next_entry::<&str, &str>()? else {
                    return Err(A::Error::custom("object is not second"));
                };
                let Some(kind) = FactsKind::of_object(name) else {
                    return IgnoredAny.visit_map(entries).map(|_| InOrder(None));
                };
                let mut facts = kind.empty();
                read_entries(entries, facts.fields(), Some(id))?;
                Ok(InOrder(Some(facts)))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
