//! What an operator must know: each trouble once, with a word when it has ended.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::donation::{DisputeState, Total};
use crate::endpoint::EndpointProblem;
use crate::event::DeadReason;
use crate::ids::{AccountPath, Currency, EnumWord, EventId, EventType, ObjectId};
use crate::report::Verdict;
use crate::stripe::{ReadError, Resource, Window};
use crate::time::UnixSeconds;

/// How long a trouble that goes on is not told again.
pub const COOL_DOWN: SignedDuration = SignedDuration::from_hours(1);

/// How long a trouble is not told again that is judged anew once a day, or only by a person's hand.
pub const COOL_DOWN_LONG: SignedDuration = SignedDuration::from_hours(24);

/// Something an operator must know; ids, enumerations, numbers and times only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Alert {
    /// The ledger could not take an event, and lacks what it tells.
    EventDead {
        /// The last one that died.
        event: EventId,
        /// Its type.
        event_type: EventType,
        /// Why.
        reason: DeadReason,
    },
    /// Many deliveries were refused for their signature.
    SignatureRefusals {
        /// How many, at the process that noticed it last.
        count: u64,
        /// Within how many seconds.
        window_seconds: i64,
        /// What it looks like.
        cause: LikelyCause,
    },
    /// Events could not be made durable, and Stripe was told to send them again.
    StoreUnavailable {
        /// The name of the reason in the log.
        reason: EnumWord,
        /// How many deliveries were answered 503 so far, by the process that noticed it last.
        refused: u64,
    },
    /// A donor's bank contests a payment, or asks about it.
    Dispute {
        /// `du_…`
        dispute: ObjectId,
        /// The contested payment.
        payment: ObjectId,
        /// [`DisputeState::Inquiry`] or [`DisputeState::Open`].
        state: DisputeState,
        /// What is contested, in minor units.
        amount: i64,
        /// Currency of the amount.
        currency: Currency,
        /// Live money or a test.
        livemode: bool,
    },
    /// A refund did not reach the donor; the money is back in the account.
    RefundFailed {
        /// `re_…`
        refund: ObjectId,
        /// The payment that was to be given back.
        payment: ObjectId,
        /// What was to go back, in minor units.
        amount: i64,
        /// Currency of the amount.
        currency: Currency,
        /// Live money or a test.
        livemode: bool,
    },
    /// No event came for longer than usual.
    Silence {
        /// When the last one came.
        last_received_at: UnixSeconds,
        /// The longest silence of the portal's own past, in seconds.
        usual_seconds: i64,
    },
    /// Events about money come, but all of them are ignored, because connected accounts made them.
    ConnectedAccountsOnly {
        /// One of these accounts.
        account: Option<AccountPath>,
        /// The number of these events in the four weeks that the watch looks at.
        events: u64,
        /// When the last of them was received.
        last_received_at: UnixSeconds,
    },
    /// Something is wrong with the endpoint at Stripe.
    Endpoint {
        /// What it is.
        problem: EndpointProblem,
        /// `we_…`, where there is one.
        endpoint: Option<ObjectId>,
    },
    /// Stripe has events that it did not bring here; they were fetched.
    EventsNotDelivered {
        /// How many, when it was looked last.
        events: u64,
        /// How many seconds before that the first of them happened.
        oldest_seconds: i64,
    },
    /// Stripe's API cannot be asked what happened.
    StripeUnreadable {
        /// Where it was looked.
        resource: Resource,
        /// Why it cannot be seen.
        why: ReadError,
    },
    /// The last completeness report does not say that all is here.
    ReconciliationIncomplete {
        /// How many donations differ.
        open: u64,
        /// How many places could not be looked at.
        unread: u64,
    },
    /// What one day brought; not a trouble.
    Digest(Digest),
    /// Sent by `alerts test`; not a trouble.
    Test,
}

/// What one day brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The day, as `2026-11-21` in the portal's time zone.
    pub day: EnumWord,
    /// What was given that day, by currency, kind and mode; without provisional donations.
    pub totals: Vec<Total>,
    /// Donations of that day that are not paid yet.
    pub pending: u64,
    /// Donations of that day that failed.
    pub failed: u64,
    /// Donations of that day whose kind is not certain; not in the totals.
    pub provisional: u64,
    /// Events that await their object, now.
    pub awaiting_object: u64,
    /// Events that are dead, now.
    pub dead: u64,
    /// What the last completeness report says, where there is a recent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportSummary>,
}

impl Digest {
    /// Whether the day brought nothing, and nothing is to be said about it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let complete = |it: &ReportSummary| it.verdict == Verdict::Complete;
        self.totals.is_empty()
            && self.pending + self.failed + self.provisional == 0
            && self.report.as_ref().is_none_or(complete)
    }
}

/// A completeness report in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSummary {
    /// Its number.
    pub number: u64,
    /// What time it is about.
    pub window: Window,
    /// What it comes to.
    pub verdict: Verdict,
    /// How many donations Stripe shows.
    pub shown: u64,
    /// How many of these are here.
    pub here: u64,
    /// How many were repaired.
    pub repaired: u64,
    /// How many differ still.
    pub open: u64,
}

/// What a burst of refused signatures looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LikelyCause {
    /// Well-formed and in time, and no configured secret fits.
    WrongSecret,
    /// The timestamps are outside the tolerance.
    Clock,
    /// No header, or one that Stripe would not send: somebody else is knocking.
    Scanner,
}

/// Whether a trouble begins, goes on, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is there.
    Trigger,
    /// It has ended.
    Resolve,
}

/// How much an alert matters; PagerDuty's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// To be looked at today.
    Warning,
    /// To be looked at now.
    Error,
    /// Donations may get lost.
    Critical,
}

/// A change of an alert: what an event, or the watch over the service, has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertChange {
    /// The trouble is there.
    Raise(Alert),
    /// The trouble of that key, if it was there, has ended: the store itself says so, to everybody.
    Resolve(String),
    /// The trouble of that key, if it was there, has ended, unless somebody noticed it at `since` or
    /// later. So ends what a process notices by itself: that one of several sees nothing says
    /// nothing about the others.
    ResolveIfQuietSince {
        /// What it is known by.
        key: String,
        /// From when on nobody may have noticed it.
        since: UnixSeconds,
    },
}

impl Alert {
    /// What the same trouble is known by: it is told once per cool-down.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::EventDead { .. } => EVENT_DEAD.into(),
            Self::SignatureRefusals { .. } => SIGNATURE_REFUSALS.into(),
            Self::StoreUnavailable { .. } => STORE_UNAVAILABLE.into(),
            Self::Dispute { dispute, state, .. } => dispute_key(dispute, *state),
            Self::RefundFailed { refund, .. } => format!("refund_failed:{refund}"),
            Self::Silence { .. } => SILENCE.into(),
            Self::ConnectedAccountsOnly { .. } => CONNECTED_ACCOUNTS_ONLY.into(),
            Self::Endpoint { problem, .. } => endpoint_key(*problem),
            Self::EventsNotDelivered { .. } => EVENTS_NOT_DELIVERED.into(),
            Self::StripeUnreadable { resource, .. } => unreadable_key(*resource),
            Self::ReconciliationIncomplete { .. } => RECONCILIATION_INCOMPLETE.into(),
            Self::Digest(digest) => format!("digest:{}", digest.day),
            Self::Test => "test".into(),
        }
    }

    /// The kind's name.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EventDead { .. } => EVENT_DEAD,
            Self::SignatureRefusals { .. } => SIGNATURE_REFUSALS,
            Self::StoreUnavailable { .. } => STORE_UNAVAILABLE,
            Self::Dispute { .. } => "dispute",
            Self::RefundFailed { .. } => "refund_failed",
            Self::Silence { .. } => SILENCE,
            Self::ConnectedAccountsOnly { .. } => CONNECTED_ACCOUNTS_ONLY,
            Self::Endpoint { .. } => "endpoint",
            Self::EventsNotDelivered { .. } => EVENTS_NOT_DELIVERED,
            Self::StripeUnreadable { .. } => STRIPE_UNREADABLE,
            Self::ReconciliationIncomplete { .. } => RECONCILIATION_INCOMPLETE,
            Self::Digest(_) => "digest",
            Self::Test => "test",
        }
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::StoreUnavailable { .. }
            | Self::Endpoint {
                problem: EndpointProblem::Missing | EndpointProblem::Disabled,
                ..
            } => Severity::Critical,
            Self::EventDead { .. }
            | Self::EventsNotDelivered { .. }
            | Self::ReconciliationIncomplete { .. }
            | Self::Silence { .. }
            | Self::ConnectedAccountsOnly { .. }
            | Self::Endpoint { problem: EndpointProblem::VersionsDiffer, .. }
            | Self::SignatureRefusals {
                cause: LikelyCause::WrongSecret | LikelyCause::Clock,
                ..
            } => Severity::Error,
            Self::SignatureRefusals { cause: LikelyCause::Scanner, .. }
            | Self::Endpoint {
                problem:
                    EndpointProblem::TypesMissing
                    | EndpointProblem::HoldsUpInvoices
                    | EndpointProblem::Duplicated
                    | EndpointProblem::VersionUnknown,
                ..
            }
            | Self::StripeUnreadable { .. }
            | Self::Dispute { .. }
            | Self::RefundFailed { .. } => Severity::Warning,
            Self::Digest(_) | Self::Test => Severity::Info,
        }
    }

    /// After how long it is told again while it goes on; `None` for what happens once.
    #[must_use]
    pub fn cool_down(&self) -> Option<SignedDuration> {
        match self {
            Self::EventDead { .. }
            | Self::SignatureRefusals { .. }
            | Self::StoreUnavailable { .. }
            | Self::Silence { .. }
            | Self::EventsNotDelivered { .. } => Some(COOL_DOWN),
            Self::ConnectedAccountsOnly { .. }
            | Self::Endpoint { .. }
            | Self::StripeUnreadable { .. }
            | Self::ReconciliationIncomplete { .. } => Some(COOL_DOWN_LONG),
            Self::Dispute { .. } | Self::RefundFailed { .. } | Self::Digest(_) | Self::Test => None,
        }
    }
}

/// Key of [`Alert::EventDead`].
pub const EVENT_DEAD: &str = "event_dead";
/// Key of [`Alert::SignatureRefusals`].
pub const SIGNATURE_REFUSALS: &str = "signature_refusals";
/// Key of [`Alert::StoreUnavailable`].
pub const STORE_UNAVAILABLE: &str = "store_unavailable";
/// Key of [`Alert::Silence`].
pub const SILENCE: &str = "silence";
/// Key of [`Alert::ConnectedAccountsOnly`].
pub const CONNECTED_ACCOUNTS_ONLY: &str = "connected_accounts_only";

/// Key of [`Alert::EventsNotDelivered`].
pub const EVENTS_NOT_DELIVERED: &str = "events_not_delivered";
/// Kind of [`Alert::StripeUnreadable`].
pub const STRIPE_UNREADABLE: &str = "stripe_unreadable";
/// Key of [`Alert::ReconciliationIncomplete`].
pub const RECONCILIATION_INCOMPLETE: &str = "reconciliation_incomplete";

/// Key of [`Alert::StripeUnreadable`].
pub(crate) fn unreadable_key(resource: Resource) -> String {
    format!("{STRIPE_UNREADABLE}:{}", resource.name())
}

/// Key of [`Alert::Endpoint`].
pub(crate) fn endpoint_key(problem: EndpointProblem) -> String {
    format!("endpoint:{}", problem.name())
}

/// Key of [`Alert::Dispute`].
pub(crate) fn dispute_key(dispute: &ObjectId, state: DisputeState) -> String {
    format!("dispute:{dispute}:{}", state.name())
}

impl Severity {
    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

impl Action {
    /// The name in the store, and PagerDuty's `event_action`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Resolve => "resolve",
        }
    }
}
