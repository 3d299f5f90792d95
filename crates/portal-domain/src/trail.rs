//! The trail: who did what, by the console, its API or the command line.
//!
//! An entry holds ids, words of closed lists, numbers and times; no text that somebody typed.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::event::Origin;
use crate::ids::{Actor, AlertKey, EnumWord, EventId, EventType, ObjectId};
use crate::time::UnixSeconds;

/// The least age of an entry that pruning deletes.
pub const ACTIONS_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The most ids of an entry; of more it has the first ones.
pub const ACTION_IDS_MAX: usize = 100;

/// An action that is about to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAction {
    pub who: Actor,
    pub via: ActionVia,
    pub verb: ActionVerb,
    pub scope: ActionScope,
}

/// An entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    /// The number of the entry; a later one has a greater number.
    pub seq: u64,
    /// The time at which the action began.
    pub at: UnixSeconds,
    pub action: NewAction,
    /// The outcome; `None` while the action goes on, or if it was cut off.
    pub outcome: Option<ActionOutcome>,
}

/// The outcome of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionOutcome {
    pub at: UnixSeconds,
    /// The number of events, alerts or donations that it changed or looked at.
    pub count: u64,
    pub result: ActionResult,
}

/// The surface through which somebody acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ActionVia {
    Console,
    Api,
    Cli,
}

/// An action that the trail tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ActionVerb {
    Reprocess,
    Ignore,
    Acknowledge,
    Silence,
    Unsilence,
    Reconcile,
    CancelReconcile,
    TestChannels,
    Doctor,
    LookAtEndpoint,
    Prune,
}

impl ActionVerb {
    /// The names of all verbs.
    pub const NAMES: &[&str] = Self::VARIANTS;
}

/// The result of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, IntoStaticStr, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ActionResult {
    Done,
    /// It was done, and showed something wrong: an event is still dead, or a donation differs.
    FoundWrong,
    /// Nothing was done, because another number of events matched than the operator had seen.
    CountDiffers,
    /// An operator cancelled it before its end.
    Cancelled,
    /// It could not be done, or not to its end.
    Failed,
}

impl ActionResult {
    /// The names of all results.
    pub const NAMES: &[&str] = Self::VARIANTS;
}

named_and_read!(ActionVia, ActionVerb, ActionResult);

/// The acknowledgement of an alert or of a dead event: an operator has seen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Acknowledgement {
    pub at: UnixSeconds,
    pub by: Actor,
}

/// The scope of an action: ids, or the words and times of a filter; nothing for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionScope {
    /// At most [`ACTION_IDS_MAX`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<EnumWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<EnumWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub livemode: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<UnixSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixSeconds>,
    /// This event and those recorded after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<EventId>,
}
