//! One event, as the inbox keeps it.

use std::fmt;

use serde::Serialize;

use crate::facts::Facts;
use crate::text::{AccountPath, EventId, EventType, ObjectId, Token};
use crate::time::UnixSeconds;

/// What is kept of one Stripe event; ids, enumerations, amounts and times only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What the event is known by: two deliveries with the same id are the same event.
    pub id: EventId,
    /// Whether the delivery carried the object or only named it.
    pub payload: Payload,
    /// What happened.
    pub event_type: EventType,
    /// When it happened, by Stripe's clock.
    pub created: UnixSeconds,
    /// Live money or a test.
    pub livemode: bool,
    /// The API version that the object was rendered in; thin events have none.
    pub api_version: Option<Token>,
    /// Whose event it is, where it is a connected account's.
    pub account: Option<AccountPath>,
    /// The object that it tells about.
    pub object_id: Option<ObjectId>,
    /// The snapshot event of the same happening, where a thin event names it.
    pub snapshot_event: Option<EventId>,
    /// What is kept of the object.
    pub facts: Option<Facts>,
    /// How far it has come.
    pub state: State,
    /// How it got here.
    pub origin: Origin,
    /// When it was first received, by this service's clock.
    pub received_at: UnixSeconds,
}

/// What a delivery carries (`event_payload` of Stripe's event destinations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// `object: event`: the object as it was when the event happened.
    Snapshot,
    /// `object: v2.core.event`: the object's id only.
    Thin,
}

/// How far an event has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Recorded, and waiting to be settled.
    Pending,
    /// Recorded, acknowledged, and without any effect.
    Ignored(IgnoredReason),
}

/// Why an event has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredReason {
    /// A type that the portal has no use for.
    UnknownType,
    /// A connected account's event: its money is not the portal's.
    ConnectedAccount,
}

/// How an event got into the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Stripe posted it.
    Delivered,
}

impl Payload {
    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Thin => "thin",
        }
    }

    /// The payload of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Snapshot, Self::Thin].into_iter().find(|it| it.name() == name)
    }
}

impl State {
    /// The names of all states, for help texts and filters.
    pub const NAMES: [&'static str; 2] = ["pending", "ignored"];

    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ignored(_) => "ignored",
        }
    }

    /// Why, where the state has a reason.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Pending => None,
            Self::Ignored(reason) => Some(reason.name()),
        }
    }

    /// The state of that name and reason.
    #[must_use]
    pub fn from_names(name: &str, reason: Option<&str>) -> Option<Self> {
        match (name, reason) {
            ("pending", None) => Some(Self::Pending),
            ("ignored", Some(reason)) => IgnoredReason::from_name(reason).map(Self::Ignored),
            _ => None,
        }
    }
}

impl IgnoredReason {
    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownType => "unknown_type",
            Self::ConnectedAccount => "connected_account",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::UnknownType, Self::ConnectedAccount].into_iter().find(|it| it.name() == name)
    }
}

impl Origin {
    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
        }
    }

    /// The origin of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Delivered].into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
