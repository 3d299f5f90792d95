//! Alerts for the operators: each problem is notified once, and so is its end.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use crate::donation::{DisputeState, Total};
use crate::endpoint_problem::EndpointProblem;
use crate::event::DeadReason;
use crate::ids::{AccountPath, Currency, EnumWord, EventId, EventType, ObjectId};
use crate::notify::NotifyError;
use crate::report::Verdict;
use crate::stripe::{ReadError, Resource, Window};
use crate::time::UnixSeconds;

/// The time in which a problem that continues is not notified again.
pub const COOL_DOWN: SignedDuration = SignedDuration::from_hours(1);

/// The same for problems that are checked only once a day, or only by a person.
pub const COOL_DOWN_LONG: SignedDuration = SignedDuration::from_hours(24);

/// An alert for an operator; it holds ids, enumerations, numbers and times only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// The ledger could not take an event, so the event's changes are missing.
    EventDead {
        /// The most recent dead event.
        event: EventId,
        event_type: EventType,
        reason: DeadReason,
        /// For [`DeadReason::FactsMissing`]: the name of the fact.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<EnumWord>,
    },
    SignatureRefusals {
        /// The number of refusals, counted by the process that noticed them last.
        count: u64,
        /// The number of deliveries that the same process accepted since the first of these refusals.
        accepted: u64,
        window_seconds: i64,
        cause: LikelyCause,
        /// For [`LikelyCause::Clock`]: by how many seconds this clock is ahead of Stripe's; negative where
        /// it is behind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ahead_seconds: Option<i64>,
    },
    /// Events could not be made durable, so Stripe was asked to send them again.
    StoreUnavailable {
        /// The name of the reason in the log.
        reason: EnumWord,
        /// The begin of the outage, for this process: while it lasts, the store cannot keep it.
        began_at: UnixSeconds,
        /// The number of deliveries answered 503 so far, by the process that noticed it last.
        refused: u64,
        /// For a full disk: the room beside the database that this process may use.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        free_bytes: Option<u64>,
    },
    /// A donor's bank contests a payment or asks about it.
    Dispute {
        /// `du_…`
        dispute: ObjectId,
        payment: ObjectId,
        /// [`DisputeState::Inquiry`] or [`DisputeState::Open`].
        state: DisputeState,
        /// In minor units.
        amount: i64,
        currency: Currency,
        livemode: bool,
    },
    /// A refund did not reach the donor; the money is back in the account.
    RefundFailed {
        /// `re_…`
        refund: ObjectId,
        payment: ObjectId,
        /// In minor units.
        amount: i64,
        currency: Currency,
        livemode: bool,
    },
    /// A payout did not reach the bank account; the money is back in the balance.
    PayoutFailed {
        /// `po_…`
        payout: ObjectId,
        /// In minor units.
        amount: i64,
        currency: Currency,
        /// Stripe's code: `account_closed`, `no_account`, ….
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<EnumWord>,
        /// The day on which the bank was expected to have it: midnight in UTC.
        arrives: UnixSeconds,
        livemode: bool,
    },
    /// The lines of a payout do not explain it.
    PayoutDiffers {
        /// `po_…`
        payout: ObjectId,
        /// In minor units.
        amount: i64,
        currency: Currency,
        /// The number of differences.
        differences: u64,
        livemode: bool,
    },
    /// A payout is still on its way long after its day, or Stripe does not say what is in it.
    PayoutStuck {
        /// `po_…`
        payout: ObjectId,
        /// In minor units.
        amount: i64,
        currency: Currency,
        /// The day on which the bank was expected to have it: midnight in UTC.
        arrives: UnixSeconds,
        livemode: bool,
    },
    /// Paid donations are neither in a payout nor in the balance, or later payouts left them behind.
    DonationsNotPaidOut {
        donations: u64,
        /// One of them.
        first: ObjectId,
        livemode: bool,
    },
    /// No event was received for longer than usual.
    Silence {
        last_received_at: UnixSeconds,
        /// The longest silence in the portal's own history, in seconds.
        usual_seconds: i64,
    },
    /// Events about money are received, but all are ignored because connected accounts made them.
    ConnectedAccountsOnly {
        account: Option<AccountPath>,
        /// The number of these events in the monitor's history of four weeks.
        events: u64,
        /// The time at which the last of them was received.
        last_received_at: UnixSeconds,
    },
    Endpoint {
        problem: EndpointProblem,
        /// `we_…`; `None` if there is no endpoint.
        endpoint: Option<ObjectId>,
    },
    /// Stripe did not deliver some events; they were fetched from its API.
    EventsNotDelivered {
        /// Their number, at the last poll.
        events: u64,
        /// The age of the oldest of them at that poll, in seconds.
        oldest_seconds: i64,
    },
    /// A resource at Stripe cannot be read.
    StripeUnreadable { resource: Resource, why: ReadError },
    /// A notification channel does not take what is sent to it.
    ChannelFailing {
        /// `slack-1`, `pagerduty-2`, …
        channel: EnumWord,
        why: NotifyError,
    },
    /// The last completeness report found differences, or could not read everything.
    ReconciliationIncomplete {
        /// The number of donations that differ.
        open: u64,
        /// The number of resources that could not be read.
        unread: u64,
    },
    /// The figures of one day; not a problem.
    Digest(Digest),
    /// A test of the channels; not a problem.
    Test {
        /// The beginning of the minute in which it was asked for: each minute's is another alert.
        #[serde(default)]
        minute: UnixSeconds,
    },
}

/// The figures of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The day, as `2026-11-21` in the portal's time zone.
    pub day: EnumWord,
    /// The sums of that day by currency, kind and mode, without provisional donations.
    pub totals: Vec<Total>,
    /// The number of the day's donations that are not paid yet.
    pub pending: u64,
    /// The number of the day's donations that failed.
    pub failed: u64,
    /// The number of the day's donations that may belong to an invoice; they are not in the totals.
    pub provisional: u64,
    /// The number of events that await their object now.
    pub awaiting_object: u64,
    /// The number of dead events now.
    pub dead: u64,
    /// The payouts that reached the bank on that day, by currency and mode.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payouts: Vec<ArrivedPayouts>,
    /// The last completeness report, if there is a recent one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportSummary>,
}

impl Digest {
    /// True if there is nothing to report of that day.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let complete = |it: &ReportSummary| it.verdict == Verdict::Complete;
        self.totals.is_empty()
            && self.payouts.is_empty()
            && self.pending + self.failed + self.provisional == 0
            && self.report.as_ref().is_none_or(complete)
    }
}

/// The payouts of one currency and mode that reached the bank on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivedPayouts {
    pub currency: Currency,
    pub livemode: bool,
    pub count: u64,
    /// The number of those whose lines explain them.
    pub explained: u64,
    /// Their sum in minor units.
    pub amount: i64,
}

/// A completeness report in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSummary {
    pub number: u64,
    pub window: Window,
    pub verdict: Verdict,
    /// The number of donations that Stripe shows.
    pub shown: u64,
    /// The number of these that are here.
    pub here: u64,
    /// The number of donations that were repaired.
    pub repaired: u64,
    /// The number of donations that still differ.
    pub open: u64,
}

/// The likely cause of a burst of refused signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LikelyCause {
    /// The headers are well-formed and in time, but no configured secret fits.
    WrongSecret,
    /// The timestamps are outside the tolerance.
    Clock,
    /// As for a wrong secret, but other deliveries are accepted meanwhile: somebody else sends them.
    Forged,
    /// The header is missing, or Stripe would not send it: a scanner is probing the URL.
    Scanner,
}

/// The direction of an alert: its problem is present, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Trigger,
    Resolve,
}

/// The severity of an alert, in PagerDuty's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Severity {
    /// For information.
    Info,
    /// Act today.
    Warning,
    /// Act now.
    Error,
    /// Donations may get lost.
    Critical,
}

/// A change of an alert, found by an event or by the monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertChange {
    Raise(Alert),
    /// The problem of that key has ended, if it was open; the store itself knows this for
    /// everybody.
    Resolve(String),
    /// The problem of that key has ended, if it was open, unless a process noticed it at `since` or
    /// later. For problems that each process notices by itself: one of several that sees nothing
    /// says nothing about the others.
    ResolveIfQuietSince {
        key: String,
        since: UnixSeconds,
    },
}

impl AlertChange {
    /// Returns the key of the problem that it ends.
    #[must_use]
    pub fn resolves(&self) -> Option<&str> {
        match self {
            Self::Raise(_) => None,
            Self::Resolve(key) | Self::ResolveIfQuietSince { key, .. } => Some(key),
        }
    }
}

impl Alert {
    /// The kinds that the runbook has a section about, which has the kind as its anchor.
    pub const SECTIONS: &[&str] = &[
        EVENT_DEAD,
        SIGNATURE_REFUSALS,
        STORE_UNAVAILABLE,
        "dispute",
        "refund_failed",
        PAYOUT_FAILED,
        PAYOUT_DIFFERS,
        PAYOUT_STUCK,
        DONATIONS_NOT_PAID_OUT,
        SILENCE,
        CONNECTED_ACCOUNTS_ONLY,
        "endpoint",
        EVENTS_NOT_DELIVERED,
        STRIPE_UNREADABLE,
        RECONCILIATION_INCOMPLETE,
        CHANNEL_FAILING,
        "digest",
    ];

    /// A test of the channels.
    #[must_use]
    pub fn test(now: UnixSeconds) -> Self {
        Self::Test { minute: now.after(-SignedDuration::from_secs(now.get() % 60)) }
    }

    /// Returns the key of the problem. Alerts with the same key are notified once per cool-down.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::EventDead { .. } => EVENT_DEAD.into(),
            Self::SignatureRefusals { .. } => SIGNATURE_REFUSALS.into(),
            Self::StoreUnavailable { .. } => STORE_UNAVAILABLE.into(),
            Self::Dispute { dispute, state, .. } => dispute_key(dispute, *state),
            Self::RefundFailed { refund, .. } => format!("refund_failed:{refund}"),
            Self::PayoutFailed { payout, .. } => payout_key(PAYOUT_FAILED, payout),
            Self::PayoutDiffers { payout, .. } => payout_key(PAYOUT_DIFFERS, payout),
            Self::PayoutStuck { payout, .. } => payout_key(PAYOUT_STUCK, payout),
            Self::DonationsNotPaidOut { .. } => DONATIONS_NOT_PAID_OUT.into(),
            Self::Silence { .. } => SILENCE.into(),
            Self::ConnectedAccountsOnly { .. } => CONNECTED_ACCOUNTS_ONLY.into(),
            Self::Endpoint { problem, .. } => endpoint_key(*problem),
            Self::EventsNotDelivered { .. } => EVENTS_NOT_DELIVERED.into(),
            Self::StripeUnreadable { resource, .. } => unreadable_key(*resource),
            Self::ReconciliationIncomplete { .. } => RECONCILIATION_INCOMPLETE.into(),
            Self::ChannelFailing { channel, .. } => channel_failing_key(channel.as_str()),
            Self::Digest(digest) => format!("digest:{}", digest.day),
            Self::Test { minute } => format!("test:{}", minute.get()),
        }
    }

    /// Returns the name of the kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EventDead { .. } => EVENT_DEAD,
            Self::SignatureRefusals { .. } => SIGNATURE_REFUSALS,
            Self::StoreUnavailable { .. } => STORE_UNAVAILABLE,
            Self::Dispute { .. } => "dispute",
            Self::RefundFailed { .. } => "refund_failed",
            Self::PayoutFailed { .. } => PAYOUT_FAILED,
            Self::PayoutDiffers { .. } => PAYOUT_DIFFERS,
            Self::PayoutStuck { .. } => PAYOUT_STUCK,
            Self::DonationsNotPaidOut { .. } => DONATIONS_NOT_PAID_OUT,
            Self::Silence { .. } => SILENCE,
            Self::ConnectedAccountsOnly { .. } => CONNECTED_ACCOUNTS_ONLY,
            Self::Endpoint { .. } => "endpoint",
            Self::EventsNotDelivered { .. } => EVENTS_NOT_DELIVERED,
            Self::StripeUnreadable { .. } => STRIPE_UNREADABLE,
            Self::ReconciliationIncomplete { .. } => RECONCILIATION_INCOMPLETE,
            Self::ChannelFailing { .. } => CHANNEL_FAILING,
            Self::Digest(_) => "digest",
            Self::Test { .. } => "test",
        }
    }

    /// Returns the name of the cause, empty for a problem that has one cause only. While a problem
    /// goes on, another cause is notified as well.
    #[must_use]
    pub fn cause(&self) -> &str {
        match self {
            Self::EventDead { reason, .. } => reason.name(),
            Self::SignatureRefusals { cause, .. } => cause.into(),
            Self::StoreUnavailable { reason, .. } => reason.as_str(),
            Self::StripeUnreadable { why, .. } => why.name(),
            Self::ChannelFailing { why, .. } => why.name(),
            Self::Dispute { .. }
            | Self::RefundFailed { .. }
            | Self::PayoutFailed { .. }
            | Self::PayoutDiffers { .. }
            | Self::PayoutStuck { .. }
            | Self::DonationsNotPaidOut { .. }
            | Self::Silence { .. }
            | Self::ConnectedAccountsOnly { .. }
            | Self::Endpoint { .. }
            | Self::EventsNotDelivered { .. }
            | Self::ReconciliationIncomplete { .. }
            | Self::Digest(_)
            | Self::Test { .. } => "",
        }
    }

    /// Returns the severity.
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
            | Self::PayoutFailed { .. }
            | Self::Silence { .. }
            | Self::ConnectedAccountsOnly { .. }
            | Self::Endpoint { problem: EndpointProblem::VersionsDiffer, .. }
            | Self::SignatureRefusals {
                cause: LikelyCause::WrongSecret | LikelyCause::Clock,
                ..
            } => Severity::Error,
            Self::SignatureRefusals {
                cause: LikelyCause::Scanner | LikelyCause::Forged, ..
            }
            | Self::Endpoint {
                problem:
                    EndpointProblem::TypesMissing
                    | EndpointProblem::HoldsUpInvoices
                    | EndpointProblem::Duplicated
                    | EndpointProblem::VersionUnknown,
                ..
            }
            | Self::StripeUnreadable { .. }
            | Self::ChannelFailing { .. }
            | Self::Dispute { .. }
            | Self::RefundFailed { .. }
            | Self::PayoutDiffers { .. }
            | Self::PayoutStuck { .. }
            | Self::DonationsNotPaidOut { .. } => Severity::Warning,
            Self::Digest(_) | Self::Test { .. } => Severity::Info,
        }
    }

    /// Returns the time after which it is notified again while it continues; `None` for a single
    /// occurrence.
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
            | Self::ChannelFailing { .. }
            | Self::PayoutDiffers { .. }
            | Self::PayoutStuck { .. }
            | Self::DonationsNotPaidOut { .. }
            | Self::ReconciliationIncomplete { .. } => Some(COOL_DOWN_LONG),
            Self::Dispute { .. }
            | Self::PayoutFailed { .. }
            | Self::RefundFailed { .. }
            | Self::Digest(_)
            | Self::Test { .. } => None,
        }
    }

    /// Returns the begin of the trouble, if that was at `raised_at` or before.
    #[must_use]
    pub fn began_at(&self, raised_at: UnixSeconds) -> UnixSeconds {
        if let Self::StoreUnavailable { began_at, .. } = self {
            return raised_at.min(*began_at);
        }
        raised_at
    }

    /// Returns true for a problem that ends, and false for something that happened once.
    #[must_use]
    pub fn has_end(&self) -> bool {
        self.cool_down().is_some()
            || matches!(self, Self::Dispute { .. } | Self::PayoutFailed { .. })
    }
}

pub const EVENT_DEAD: &str = "event_dead";
pub const SIGNATURE_REFUSALS: &str = "signature_refusals";
pub const STORE_UNAVAILABLE: &str = "store_unavailable";
pub const SILENCE: &str = "silence";
pub const CONNECTED_ACCOUNTS_ONLY: &str = "connected_accounts_only";

pub const EVENTS_NOT_DELIVERED: &str = "events_not_delivered";
pub const STRIPE_UNREADABLE: &str = "stripe_unreadable";
pub const RECONCILIATION_INCOMPLETE: &str = "reconciliation_incomplete";

pub const DONATIONS_NOT_PAID_OUT: &str = "donations_not_paid_out";
pub const PAYOUT_FAILED: &str = "payout_failed";
pub const PAYOUT_DIFFERS: &str = "payout_differs";
pub const PAYOUT_STUCK: &str = "payout_stuck";

pub const CHANNEL_FAILING: &str = "channel_failing";

/// Returns the key of the alert that this channel fails.
#[must_use]
pub fn channel_failing_key(channel: &str) -> String {
    format!("{CHANNEL_FAILING}:{channel}")
}

/// Returns the key of an alert of that kind about one payout.
#[must_use]
pub fn payout_key(kind: &str, payout: &ObjectId) -> String {
    format!("{kind}:{payout}")
}

pub(crate) fn unreadable_key(resource: Resource) -> String {
    format!("{STRIPE_UNREADABLE}:{}", resource.name())
}

pub(crate) fn endpoint_key(problem: EndpointProblem) -> String {
    format!("endpoint:{}", problem.name())
}

pub(crate) fn dispute_key(dispute: &ObjectId, state: DisputeState) -> String {
    format!("dispute:{dispute}:{}", state.name())
}

named!(Severity, Action);
