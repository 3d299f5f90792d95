//! One event, as the inbox keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;
use crate::ids::{AccountPath, EnumWord, EventId, EventType, ObjectId};
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
    pub api_version: Option<EnumWord>,
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
    /// When Stripe's API showed the object, by Stripe's clock; `None` where the event carried it.
    pub fetched_at: Option<UnixSeconds>,
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
    /// No event of Stripe's: an object as its API showed it, because no event had told of it.
    Object,
}

/// How far an event has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The ledger has what it tells, written in one step with it.
    Processed,
    /// It only names its object, which has to be fetched from Stripe's API.
    AwaitingObject,
    /// The ledger lacks what it tells (a dead letter).
    Dead(DeadReason),
    /// It has no effect.
    Ignored(IgnoredReason),
}

/// Why an event is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadReason {
    /// It tells about money, and lacks an id, an amount, a currency or a status.
    FactsMissing,
    /// An amount is negative, or larger than any that Stripe takes.
    AmountOutOfRange,
    /// The store could not take what it changes, or deciding that failed.
    LedgerFailed,
    /// It only names its object, and Stripe has none of that id.
    ObjectMissing,
}

/// Why an event has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredReason {
    /// A type that the portal has no use for.
    UnknownType,
    /// A connected account's event: its money is not the portal's.
    ConnectedAccount,
    /// An operator said so.
    ByOperator,
    /// Stripe tries whether the event destination answers.
    Ping,
    /// A thin event whose snapshot of the same happening is in the inbox.
    SnapshotRecorded,
}

/// How an event got into the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Stripe posted it.
    Delivered,
    /// It was missing here, and was fetched from Stripe's API.
    Reconciled,
}

impl Event {
    /// As of when its facts are true: of two views of an object the later one counts.
    #[must_use]
    pub fn seen_at(&self) -> UnixSeconds {
        self.fetched_at.unwrap_or(self.created)
    }

    /// True where it is of the type that a snapshot event calls `name`.
    #[must_use]
    pub fn is_type(&self, name: &str) -> bool {
        self.event_type.of_snapshot() == name
    }

    /// The payment that its facts name beside their own object.
    #[must_use]
    pub fn payment(&self) -> Option<&ObjectId> {
        self.facts.as_ref().and_then(Facts::payment)
    }

    /// The invoice that its facts name beside their own object.
    #[must_use]
    pub fn invoice(&self) -> Option<&ObjectId> {
        self.facts.as_ref().and_then(Facts::invoice)
    }
}

impl Payload {
    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Thin => "thin",
            Self::Object => "object",
        }
    }

    /// The payload of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Snapshot, Self::Thin, Self::Object].into_iter().find(|it| it.name() == name)
    }
}

impl State {
    /// The names of all states, for help texts and filters.
    pub const NAMES: [&'static str; 4] = ["processed", "awaiting_object", "dead", "ignored"];

    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::AwaitingObject => "awaiting_object",
            Self::Dead(_) => "dead",
            Self::Ignored(_) => "ignored",
        }
    }

    /// Why, where the state has a reason.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Processed | Self::AwaitingObject => None,
            Self::Dead(reason) => Some(reason.name()),
            Self::Ignored(reason) => Some(reason.name()),
        }
    }

    /// The state of that name and reason.
    #[must_use]
    pub fn from_names(name: &str, reason: Option<&str>) -> Option<Self> {
        match (name, reason) {
            ("processed", None) => Some(Self::Processed),
            ("awaiting_object", None) => Some(Self::AwaitingObject),
            ("dead", Some(reason)) => DeadReason::from_name(reason).map(Self::Dead),
            ("ignored", Some(reason)) => IgnoredReason::from_name(reason).map(Self::Ignored),
            _ => None,
        }
    }
}

impl DeadReason {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::FactsMissing, Self::AmountOutOfRange, Self::LedgerFailed, Self::ObjectMissing];

    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FactsMissing => "facts_missing",
            Self::AmountOutOfRange => "amount_out_of_range",
            Self::LedgerFailed => "ledger_failed",
            Self::ObjectMissing => "object_missing",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl IgnoredReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::UnknownType,
        Self::ConnectedAccount,
        Self::ByOperator,
        Self::Ping,
        Self::SnapshotRecorded,
    ];

    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownType => "unknown_type",
            Self::ConnectedAccount => "connected_account",
            Self::ByOperator => "by_operator",
            Self::Ping => "ping",
            Self::SnapshotRecorded => "snapshot_recorded",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl Origin {
    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Reconciled => "reconciled",
        }
    }

    /// The origin of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Delivered, Self::Reconciled].into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
