//! Reads a verified body into an event, and drops everything that is not on the allow-list.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::value::RawValue;
use strum::{IntoStaticStr, VariantNames};

use crate::data_object::{DataObject, InOrder};
use crate::event::{Event, IgnoredReason, Origin, Payload, State};
use crate::facts::{Facts, FactsKind};
use crate::ids::{AccountPath, EnumWord, EventId, EventType, ObjectId};
use crate::lenient::{FromJson, FromObject, Lenient, fields};
use crate::signature::Verified;
use crate::time::UnixSeconds;

/// The most levels of nested arrays and objects. Stripe's objects have about ten.
pub const JSON_DEPTH_MAX: usize = 128;

/// The type of the test event for an event destination
/// (<https://docs.stripe.com/api/v2/core/event_destinations/ping>).
const PING: &str = "v2.core.event_destination.ping";

/// The type by which Stripe reports that it could not create an event. That event is in no list;
/// the data of this one names the object
/// (<https://docs.stripe.com/webhooks/handle-irrecoverable-events>).
pub const EVENT_NOT_GENERATED: &str = "v2.core.health.event_generation_failure.resolved";

/// The reason why a signed body is no event. It never contains a part of the body, which may hold
/// personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum NotAnEvent {
    /// The body is not UTF-8.
    NotUtf8,
    /// The body is not JSON, from this place on.
    NotJson {
        /// Counted from 1.
        line: usize,
        /// In bytes; 0 is before the first.
        column: usize,
    },
    TooDeep,
    /// The body is JSON, but a field that every event has is missing, occurs twice or does not fit.
    #[strum(serialize = "not_an_event")]
    Misshapen {
        /// The place of the error, counted from 1.
        line: usize,
        /// In bytes; 0 is before the first.
        column: usize,
    },
    /// `object` is neither `event` nor `v2.core.event`.
    OtherObject,
    /// The object has no id, an amount that is not an integer, or a key that occurs twice.
    UnreadableObject,
}

impl Event {
    /// Reads the event in `verified`, received at `received_at`.
    ///
    /// The type decides which facts are kept; an unknown type keeps none and is ignored. An event
    /// with facts is read as [`State::Processed`]; [`crate::Entry::decide`] has the last word.
    ///
    /// # Errors
    /// [`NotAnEvent`] if the body is no Stripe event, or one whose amounts cannot be read. Such a
    /// delivery is not acknowledged, so Stripe keeps the event and sends it again.
    pub fn read(verified: &Verified, received_at: UnixSeconds) -> Result<Self, NotAnEvent> {
        let body = std::str::from_utf8(verified.body()).map_err(|_| NotAnEvent::NotUtf8)?;
        if deeper_than(JSON_DEPTH_MAX, body.as_bytes()) {
            return Err(NotAnEvent::TooDeep);
        }
        // The bodies that Stripe sends are read in one pass. Any other body, right or wrong, is
        // read again without assumptions, and the second result decides.
        read::<InOrder>(body, received_at).or_else(|_| read::<&RawValue>(body, received_at))
    }

    /// Reads `item`, one event of a list from Stripe's API.
    ///
    /// # Errors
    /// The same as [`Event::read`].
    pub(crate) fn listed(item: &str, received_at: UnixSeconds) -> Result<Self, NotAnEvent> {
        let event =
            read::<InOrder>(item, received_at).or_else(|_| read::<&RawValue>(item, received_at))?;
        Ok(Self { origin: Origin::Reconciled, ..event })
    }
}

fn read<'b, O: DataObject + Deserialize<'b>>(
    body: &'b str,
    received_at: UnixSeconds,
) -> Result<Event, NotAnEvent> {
    let FromObject(envelope) = serde_json::from_str::<FromObject<Envelope<'b, O>>>(body)?;
    envelope.into_event(received_at)
}

named!(NotAnEvent);

impl NotAnEvent {
    /// The names of all.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;
}

impl fmt::Display for NotAnEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the body is not UTF-8"),
            Self::NotJson { line, column } => {
                write!(f, "the body is not JSON (line {line}, column {column})")
            }
            Self::TooDeep => write!(f, "the body is nested deeper than {JSON_DEPTH_MAX} levels"),
            Self::Misshapen { line, column } => {
                write!(f, "the body is not an event (noticed at line {line}, column {column})")
            }
            Self::OtherObject => {
                f.write_str("the body is not an event: object is neither event nor v2.core.event")
            }
            Self::UnreadableObject => f.write_str(
                "the event's object has no id, an amount that is not an integer, or a key twice",
            ),
        }
    }
}

impl std::error::Error for NotAnEvent {}

impl From<serde_json::Error> for NotAnEvent {
    // The error's own text may quote the body, so only its place is kept.
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Data => Self::Misshapen { line, column },
            Category::Syntax | Category::Eof | Category::Io => Self::NotJson { line, column },
        }
    }
}

/// The fields of an event that are read; serde skips all others and refuses a field that occurs
/// twice.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'b, O: Deserialize<'de>"))]
struct Envelope<'b, O> {
    id: EventId,
    object: &'b str,
    #[serde(rename = "type")]
    event_type: EventType,
    created: Created,
    livemode: bool,
    #[serde(default)]
    api_version: Lenient<EnumWord>,
    account: Option<AccountPath>,
    context: Option<AccountPath>,
    #[serde(default)]
    snapshot_event: Lenient<EventId>,
    data: Option<FromObject<Data<O>>>,
    #[serde(default)]
    related_object: Lenient<RelatedObject>,
}

#[derive(Deserialize)]
struct Data<O> {
    /// Some thin events have data of another shape.
    object: Option<O>,
}

#[derive(Default)]
struct RelatedObject {
    id: Lenient<ObjectId>,
}

fields! { RelatedObject { id, } }

/// Unix seconds in a snapshot event, RFC 3339 in a thin one.
struct Created(UnixSeconds);

impl<'de> Deserialize<'de> for Created {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either(UnixSeconds);
        impl FromJson for Either {
            fn from_integer(integer: i64) -> Option<Self> {
                UnixSeconds::new(integer).map(Self)
            }

            fn from_text(text: &str) -> Option<Self> {
                UnixSeconds::from_rfc3339(text).map(Self)
            }
        }
        match Lenient::<Either>::deserialize(deserializer)?.0 {
            Some(Either(at)) => Ok(Self(at)),
            None => Err(serde::de::Error::custom("not a time")),
        }
    }
}

impl<O: DataObject> Envelope<'_, O> {
    fn into_event(self, received_at: UnixSeconds) -> Result<Event, NotAnEvent> {
        let payload = match self.object {
            "event" => Payload::Snapshot,
            "v2.core.event" => Payload::Thin,
            _ => return Err(NotAnEvent::OtherObject),
        };
        // A snapshot of an organisation's own account has a context as well; only a connected
        // account's has both. A thin event never has more than the context
        // (<https://docs.stripe.com/changelog/basil/2025-04-30/additional-context-organization-events>).
        let context = self.context.filter(|_| payload == Payload::Thin);
        let account = self.account.or(context);
        let kind = FactsKind::of(&self.event_type);
        let state = match (&account, kind, self.event_type.as_str()) {
            (Some(_), ..) => State::Ignored(IgnoredReason::ConnectedAccount),
            (None, None, PING) => State::Ignored(IgnoredReason::Ping),
            (None, None, EVENT_NOT_GENERATED) if payload == Payload::Thin => {
                State::AwaitingObject { was_dead: false }
            }
            (None, None, _) => State::Ignored(IgnoredReason::UnknownType),
            (None, Some(_), _) if payload == Payload::Thin => {
                State::AwaitingObject { was_dead: false }
            }
            (None, Some(_), _) => State::Processed,
        };
        let facts = match (payload, state, kind) {
            (Payload::Snapshot, State::Processed, Some(kind)) => Some(facts(kind, self.data)?),
            _ => None,
        };
        let object_id = match &facts {
            Some(facts) => facts.object_id().cloned(),
            None => self.related_object.0.and_then(|it| it.id.0),
        };
        Ok(Event {
            id: self.id,
            payload,
            event_type: self.event_type,
            created: self.created.0,
            livemode: self.livemode,
            api_version: self.api_version.0,
            account,
            object_id,
            snapshot_event: self.snapshot_event.0,
            facts,
            state,
            origin: Origin::Delivered,
            fetched_at: None,
            received_at,
        })
    }
}

fn facts<O: DataObject>(
    kind: FactsKind,
    data: Option<FromObject<Data<O>>>,
) -> Result<Facts, NotAnEvent> {
    let facts = data.and_then(|FromObject(data)| data.object?.facts(kind));
    facts.filter(|facts| facts.object_id().is_some()).ok_or(NotAnEvent::UnreadableObject)
}

/// True if arrays and objects are nested deeper than `limit`.
///
/// serde limits only the values that it builds, and skips the others at any depth.
fn deeper_than(limit: usize, json: &[u8]) -> bool {
    // Most bodies have too few brackets to be deep, which is cheap to see.
    opening_brackets(json) > limit && depth(json) > limit
}

/// Counts by blocks whose count fits a byte, which the compiler turns into vector instructions.
fn opening_brackets(json: &[u8]) -> usize {
    let in_block = |block: &[u8]| -> u8 {
        // `[` and `{` differ in this bit only.
        block.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum()
    };
    json.chunks(128).map(|block| usize::from(in_block(block))).sum()
}

fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
