//! An event as the inbox keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use crate::facts::Facts;
use crate::ids::{AccountPath, EnumWord, EventId, EventType, ObjectId};
use crate::time::UnixSeconds;

/// The stored part of a Stripe event: ids, enumerations, amounts and times only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The identity of the event: two deliveries with the same id are the same event.
    pub id: EventId,
    pub payload: Payload,
    pub event_type: EventType,
    /// By Stripe's clock.
    pub created: UnixSeconds,
    pub livemode: bool,
    /// The API version of the object; thin events have none.
    pub api_version: Option<EnumWord>,
    /// The connected account that the event belongs to; `None` for the portal's own.
    pub account: Option<AccountPath>,
    /// The object that the event is about.
    pub object_id: Option<ObjectId>,
    /// The snapshot event of the same change, if a thin event names it.
    pub snapshot_event: Option<EventId>,
    pub facts: Option<Facts>,
    pub state: State,
    pub origin: Origin,
    /// The time at which Stripe's API returned the object, by Stripe's clock; `None` if the event
    /// carried it.
    pub fetched_at: Option<UnixSeconds>,
    /// The time of the first delivery, by this service's clock.
    pub received_at: UnixSeconds,
}

/// The payload of a delivery (`event_payload` of Stripe's event destinations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// `object: event`: the object in its state at the time of the event.
    Snapshot,
    /// `object: v2.core.event`: the object's id only.
    Thin,
    /// Not an event of Stripe's, but an object that its API returned and no event had reported.
    Object,
}

/// The state of an event in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// Its changes are in the ledger; they were written in the same step.
    Processed,
    /// It only names its object, which must be fetched from Stripe's API.
    AwaitingObject {
        /// It was dead and is retried: whether that helps is not known before the object is here.
        was_dead: bool,
    },
    /// Its changes are missing in the ledger (a dead letter).
    Dead(DeadReason),
    Ignored(IgnoredReason),
}

/// The reason why an event is dead.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    IntoStaticStr,
    EnumString,
    VariantArray,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DeadReason {
    /// It is about money, and lacks an id, an amount, a currency or a status.
    FactsMissing,
    /// An amount is negative, or larger than the largest that Stripe accepts.
    AmountOutOfRange,
    /// The store could not write its changes, or the decision panicked.
    LedgerFailed,
    /// It only names its object, and Stripe has no object of that id.
    ObjectMissing,
}

/// The reason why an event has no effect.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, EnumString, VariantArray, VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum IgnoredReason {
    /// The portal has no use for the type.
    UnknownType,
    /// A connected account's event, whose money is not the portal's.
    ConnectedAccount,
    /// An operator marked it as ignored.
    ByOperator,
    /// A test of the event destination by Stripe.
    Ping,
    /// A thin event whose snapshot of the same change is in the inbox.
    SnapshotRecorded,
}

/// The way in which an event got into the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Delivered,
    /// It was missing here and was fetched from Stripe's API.
    Reconciled,
}

impl Event {
    /// Returns the time for which its facts hold: of two views of an object the later one counts.
    #[must_use]
    pub fn seen_at(&self) -> UnixSeconds {
        self.fetched_at.unwrap_or(self.created)
    }

    /// True if it is of the type that a snapshot event calls `name`.
    #[must_use]
    pub fn is_type(&self, name: &str) -> bool {
        self.event_type.of_snapshot() == name
    }

    /// Returns the payment that its facts name beside their own object.
    #[must_use]
    pub fn payment(&self) -> Option<&ObjectId> {
        self.facts.as_ref().and_then(Facts::payment)
    }

    /// Returns the invoice that its facts name beside their own object.
    #[must_use]
    pub fn invoice(&self) -> Option<&ObjectId> {
        self.facts.as_ref().and_then(Facts::invoice)
    }
}

/// The reason of an event that was dead and awaits its object.
const WAS_DEAD: &str = "was_dead";

named!(State);
named_and_read!(Payload, DeadReason, IgnoredReason, Origin);

impl State {
    /// The names of all states, for help texts and filters.
    pub const NAMES: &[&str] = Self::VARIANTS;

    /// Returns the name of the reason, if the state has one.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Processed | Self::AwaitingObject { was_dead: false } => None,
            Self::AwaitingObject { was_dead: true } => Some(WAS_DEAD),
            Self::Dead(reason) => Some(reason.name()),
            Self::Ignored(reason) => Some(reason.name()),
        }
    }

    /// True if the event is dead, or was dead and awaits its object since it was retried: no proof
    /// yet that the trouble is over.
    #[must_use]
    pub fn is_unrepaired(self) -> bool {
        matches!(self, Self::Dead(_) | Self::AwaitingObject { was_dead: true })
    }

    /// Returns the state of that name and reason.
    #[must_use]
    pub fn from_names(name: &str, reason: Option<&str>) -> Option<Self> {
        match (name, reason) {
            ("processed", None) => Some(Self::Processed),
            ("awaiting_object", None) => Some(Self::AwaitingObject { was_dead: false }),
            ("awaiting_object", Some(WAS_DEAD)) => Some(Self::AwaitingObject { was_dead: true }),
            ("dead", Some(reason)) => DeadReason::from_name(reason).map(Self::Dead),
            ("ignored", Some(reason)) => IgnoredReason::from_name(reason).map(Self::Ignored),
            _ => None,
        }
    }
}

impl DeadReason {
    /// All reasons.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;
    /// The names of all reasons.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;
}

impl IgnoredReason {
    /// All reasons.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;
    /// The names of all reasons.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
