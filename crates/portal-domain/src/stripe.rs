//! Stripe's API as this service uses it: a few reads, and why they may fail.
//!
//! The port and the words are here; `portal-outbound` speaks HTTP. What a read answers is decoded by
//! [`page`], into the same allow-listed facts that deliveries are.

pub mod page;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::facts::FactsKind;
use crate::ids::{AccountPath, EventId, ObjectId};
use crate::time::UnixSeconds;

/// The API version that objects are asked for in; events come in the version that they were made in.
pub const API_VERSION: &str = "2026-10-28.endive";

/// How many items a list's page has at most (<https://docs.stripe.com/api/pagination>).
pub const PAGE_ITEMS_MAX: u32 = 100;

/// Asks Stripe.
#[async_trait]
pub trait Stripe: Send + Sync {
    /// Reads once; what Stripe refuses for the moment is tried again within the call.
    async fn read(&self, read: &Read) -> Result<Fetched, ReadError>;
}

/// What Stripe answered with a 200. Holds personal data: it has no `Debug` on purpose.
pub struct Fetched {
    /// The body, JSON.
    pub body: Bytes,
    /// When it was answered, by Stripe's clock.
    pub at: UnixSeconds,
}

/// One request to Stripe's API; all of them read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// `GET /v1/events`: events created within `window`, the newest first.
    Events {
        /// Only these types, [`TYPES_IN_LIST_MAX`](crate::event_types::TYPES_IN_LIST_MAX) at most; none: all.
        types: &'static [&'static str],
        /// When they were created.
        window: Window,
        /// Which page.
        turn: PageCursor<EventId>,
    },
    /// A list of objects created within `window`, the newest first.
    Objects {
        /// Which list.
        list: List,
        /// When they were created.
        window: Window,
        /// Which page.
        turn: PageCursor<ObjectId>,
    },
    /// `GET /v1/invoice_payments`: the invoices that this payment pays.
    InvoicePaymentsOf(ObjectId),
    /// One object, as it is now.
    Object {
        /// What it is.
        kind: FactsKind,
        /// Its id.
        id: ObjectId,
        /// Whose it is, where it is not the key's own account's (`Stripe-Context`).
        context: Option<AccountPath>,
    },
    /// `GET /v2/core/events/{id}`: a thin event, whole.
    ThinEvent {
        /// Its id.
        id: EventId,
        /// Whose it is, where it is not the key's own account's (`Stripe-Context`).
        context: Option<AccountPath>,
    },
    /// `GET /v1/webhook_endpoints`.
    Endpoints,
}

/// The lists of objects that are compared with the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// `GET /v1/invoice_payments`
    InvoicePayments,
    /// `GET /v1/invoices`
    Invoices,
    /// `GET /v1/payment_intents`, each with its latest charge.
    PaymentIntents,
    /// `GET /v1/refunds`
    Refunds,
    /// `GET /v1/disputes`
    Disputes,
}

/// A time from `since` up to, and without, `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its first second.
    pub since: UnixSeconds,
    /// The first second after it.
    pub until: UnixSeconds,
}

/// Which page of a list that has the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageCursor<Id> {
    /// The newest.
    First,
    /// Those next after this one, which are older (`starting_after`).
    After(Id),
    /// Those next before this one, which are newer (`ending_before`).
    Before(Id),
}

/// Where one looks at Stripe; each needs a permission of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Events.
    Events,
    /// Payments, whole.
    PaymentIntents,
    /// Invoices.
    Invoices,
    /// Links from payments to invoices.
    InvoicePayments,
    /// Charges and refunds.
    Charges,
    /// Disputes.
    Disputes,
    /// Checkout sessions.
    CheckoutSessions,
    /// Subscriptions.
    Subscriptions,
    /// Webhook endpoints.
    WebhookEndpoints,
}

/// Why something at Stripe could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum ReadError {
    /// Stripe does not know the key (401).
    WrongKey,
    /// The key may not read that (403).
    NotAllowed,
    /// There is none of that id (404).
    NotFound,
    /// Stripe does not take the request.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// Too many requests, and still so after some tries (429).
    TooMany,
    /// Stripe failed, and still did after some tries.
    Failing {
        /// The HTTP status.
        status: u16,
    },
    /// It did not answer in time.
    TimedOut,
    /// There was no connection.
    Unreachable,
    /// It answered what is none of its answers, or with more than is read.
    Unreadable,
    /// The reads of the last 30 days are used up.
    BudgetSpent,
    /// The database failed, so that the read could not be counted and was not made.
    NotCounted,
}

impl Read {
    /// Where it looks.
    #[must_use]
    pub fn resource(&self) -> Resource {
        match self {
            Self::Events { .. } | Self::ThinEvent { .. } => Resource::Events,
            Self::Objects { list, .. } => list.resource(),
            Self::InvoicePaymentsOf(_) => Resource::InvoicePayments,
            Self::Object { kind, .. } => Resource::at(*kind),
            Self::Endpoints => Resource::WebhookEndpoints,
        }
    }
}

impl List {
    /// Where it looks.
    #[must_use]
    pub fn resource(self) -> Resource {
        match self {
            Self::InvoicePayments => Resource::InvoicePayments,
            Self::Invoices => Resource::Invoices,
            Self::PaymentIntents => Resource::PaymentIntents,
            Self::Refunds => Resource::Charges,
            Self::Disputes => Resource::Disputes,
        }
    }
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Events,
        Self::PaymentIntents,
        Self::Invoices,
        Self::InvoicePayments,
        Self::Charges,
        Self::Disputes,
        Self::CheckoutSessions,
        Self::Subscriptions,
        Self::WebhookEndpoints,
    ];

    /// Where an object of that kind is looked at.
    #[must_use]
    pub fn at(kind: FactsKind) -> Self {
        match kind {
            FactsKind::PaymentIntent => Self::PaymentIntents,
            FactsKind::Charge | FactsKind::Refund => Self::Charges,
            FactsKind::Invoice | FactsKind::CreditNote => Self::Invoices,
            FactsKind::InvoicePayment | FactsKind::NoInvoice => Self::InvoicePayments,
            FactsKind::CheckoutSession => Self::CheckoutSessions,
            FactsKind::Dispute => Self::Disputes,
            FactsKind::Subscription => Self::Subscriptions,
        }
    }

    /// The name in the store and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::PaymentIntents => "payment_intents",
            Self::Invoices => "invoices",
            Self::InvoicePayments => "invoice_payments",
            Self::Charges => "charges",
            Self::Disputes => "disputes",
            Self::CheckoutSessions => "checkout_sessions",
            Self::Subscriptions => "subscriptions",
            Self::WebhookEndpoints => "webhook_endpoints",
        }
    }

    /// The permission that a restricted key needs for it, as Stripe's Dashboard calls it. Who expands
    /// an object needs the permission for that as well
    /// (<https://docs.stripe.com/stripe-apps/reference/permissions>).
    #[must_use]
    pub fn permission(self) -> &'static str {
        match self {
            Self::Events => "Events",
            Self::PaymentIntents => "PaymentIntents, Charges and Refunds",
            Self::Invoices | Self::InvoicePayments => "Invoices",
            Self::Charges => "Charges and Refunds",
            Self::Disputes => "Disputes",
            Self::CheckoutSessions => "Checkout Sessions",
            Self::Subscriptions => "Subscriptions",
            Self::WebhookEndpoints => "Webhook Endpoints",
        }
    }
}

impl ReadError {
    /// The name in logs and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongKey => "stripe_wrong_key",
            Self::NotAllowed => "stripe_not_allowed",
            Self::NotFound => "stripe_not_found",
            Self::Refused { .. } => "stripe_refused",
            Self::TooMany => "stripe_too_many",
            Self::Failing { .. } => "stripe_failing",
            Self::TimedOut => "stripe_timed_out",
            Self::Unreachable => "stripe_unreachable",
            Self::Unreadable => "stripe_unreadable",
            Self::BudgetSpent => "budget_spent",
            Self::NotCounted => "not_counted",
        }
    }

    /// Whether it says something of the one object only, and nothing of others like it.
    #[must_use]
    pub fn is_of_one_object(self) -> bool {
        match self {
            Self::NotFound | Self::Refused { .. } | Self::Unreadable => true,
            Self::WrongKey
            | Self::NotAllowed
            | Self::TooMany
            | Self::Failing { .. }
            | Self::TimedOut
            | Self::Unreachable
            | Self::BudgetSpent
            | Self::NotCounted => false,
        }
    }

    /// Whether it may be over by itself before anybody does something about it.
    #[must_use]
    pub fn is_passing(self) -> bool {
        match self {
            Self::TooMany
            | Self::Failing { .. }
            | Self::TimedOut
            | Self::Unreachable
            | Self::NotCounted => true,
            Self::WrongKey
            | Self::NotAllowed
            | Self::NotFound
            | Self::Refused { .. }
            | Self::Unreadable
            | Self::BudgetSpent => false,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKey => f.write_str("Stripe does not know the key (401)"),
            Self::NotAllowed => f.write_str("the key may not read it (403)"),
            Self::NotFound => f.write_str("Stripe has none such (404)"),
            Self::Refused { status } => write!(f, "Stripe does not take the request ({status})"),
            Self::TooMany => f.write_str("Stripe takes no more requests for now (429)"),
            Self::Failing { status } => write!(f, "Stripe failed ({status})"),
            Self::TimedOut => f.write_str("Stripe did not answer in time"),
            Self::Unreachable => f.write_str("there was no connection to Stripe"),
            Self::Unreadable => f.write_str("Stripe's answer cannot be read"),
            Self::BudgetSpent => f.write_str("the reads of the last 30 days are used up"),
            Self::NotCounted => f.write_str("the database failed to count the read"),
        }
    }
}

impl std::error::Error for ReadError {}
