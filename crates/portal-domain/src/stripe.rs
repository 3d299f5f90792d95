//! The port to Stripe's API: the few reads that this service makes, and the errors of a read.
//!
//! `portal-outbound` implements it over HTTP. [`page`] decodes the answers into the same
//! allow-listed facts that deliveries have.

pub mod page;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray, VariantNames};

use crate::facts::FactsKind;
use crate::ids::{AccountPath, EventId, ObjectId};
use crate::text::Text;
use crate::time::UnixSeconds;

/// The API version of fetched objects; an event keeps the version that it was created in.
pub const API_VERSION: &str = "2026-10-28.endive";

/// The most items on a page of a list (<https://docs.stripe.com/api/pagination>).
pub const PAGE_ITEMS_MAX: u32 = 100;

/// A client that reads from Stripe's API.
#[async_trait]
pub trait Stripe: Send + Sync {
    /// Reads once. A request that Stripe refuses for the moment (429, 5xx) is retried within the
    /// call.
    ///
    /// # Errors
    /// [`ReadError`] if there is no usable answer.
    async fn read(&self, read: &Read) -> Result<Fetched, ReadError>;
}

/// The body of a 200 from Stripe. It holds personal data, so it has no `Debug` on purpose.
pub struct Fetched {
    /// JSON.
    pub body: Bytes,
    /// The time of the answer by Stripe's clock.
    pub at: UnixSeconds,
}

impl Fetched {
    /// Returns the seconds by which this machine's clock is certainly ahead of Stripe's, negative where
    /// it is behind: Stripe answered at a moment between `before` and `after`.
    #[must_use]
    pub fn clock_ahead(&self, before: UnixSeconds, after: UnixSeconds) -> i64 {
        let at = self.at;
        if at < before { before.since(at) } else { at.since(after).max(0).saturating_neg() }
    }
}

/// One request to Stripe's API; all of them read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// `GET /v1/events`: events created within `window`, the newest first.
    Events {
        /// At most [`TYPES_IN_LIST_MAX`](crate::event_types::TYPES_IN_LIST_MAX) types; empty means
        /// all.
        types: &'static [&'static str],
        window: Window,
        cursor: PageCursor<EventId>,
    },
    /// A list of objects created within `window`, the newest first.
    Objects { list: List, window: Window, cursor: PageCursor<ObjectId> },
    /// `GET /v1/invoice_payments`: the invoices that this payment pays.
    InvoicePaymentsOf(ObjectId),
    /// One object in its present state.
    Object {
        kind: FactsKind,
        id: ObjectId,
        /// The account that owns it, if that is not the key's own (`Stripe-Context`).
        context: Option<AccountPath>,
    },
    /// `GET /v2/core/events/{id}`: a thin event with its data.
    ThinEvent {
        id: EventId,
        /// The account that owns it, if that is not the key's own (`Stripe-Context`).
        context: Option<AccountPath>,
    },
    /// `GET /v1/webhook_endpoints`.
    Endpoints,
    /// `GET /v1/payouts`: payouts created within `window`, the newest first.
    Payouts { window: Window, cursor: PageCursor<ObjectId> },
    /// `GET /v1/balance_transactions`, each with its source, the newest first.
    BalanceLines { of: LinesOf, cursor: PageCursor<ObjectId> },
    /// `GET /v1/balance`.
    Balance,
}

/// The lines of the balance that are listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinesOf {
    /// Those created within this time.
    Time(Window),
    /// Those of this payout, which must be an automatic one: Stripe refuses the others with 400.
    Payout(ObjectId),
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

/// A half-open interval: from `since` up to, but not including, `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub since: UnixSeconds,
    pub until: UnixSeconds,
}

/// A cursor into a list that has the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageCursor<Id> {
    /// The page of the newest.
    First,
    /// The page after this id, which is older (`starting_after`).
    After(Id),
    /// The page before this id, which is newer (`ending_before`).
    Before(Id),
}

/// A group of Stripe's resources that one permission of a restricted key covers.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Events,
    /// Payments with their latest charge.
    PaymentIntents,
    Invoices,
    InvoicePayments,
    /// Charges and refunds.
    Charges,
    Disputes,
    CheckoutSessions,
    Subscriptions,
    WebhookEndpoints,
    Payouts,
    /// The lines of the balance, with their sources.
    BalanceLines,
    /// The balance itself.
    Balance,
}

/// The reason why a resource at Stripe could not be read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames,
)]
#[strum(serialize_all = "snake_case", prefix = "stripe_")]
#[serde(rename_all = "snake_case")]
pub enum ReadError {
    /// Stripe does not accept the key (401).
    WrongKey,
    /// The key lacks the permission (403).
    NotAllowed,
    /// There is no object of that id (404).
    NotFound,
    /// Stripe refused the request with another 4xx status.
    Refused {
        status: u16,
    },
    /// Still rate-limited after all retries (429).
    TooMany,
    /// Still failing after all retries (5xx).
    Failing {
        status: u16,
    },
    TimedOut,
    /// No connection could be made.
    Unreachable,
    /// The answer has an unexpected shape, or is larger than the limit.
    Unreadable,
    /// The budget of reads for the last 30 days is used up.
    BudgetSpent,
    /// The database failed, so the read could not be counted and was not made.
    NotCounted,
}

impl Read {
    /// Returns the resource that this read is about.
    #[must_use]
    pub fn resource(&self) -> Resource {
        match self {
            Self::Events { .. } | Self::ThinEvent { .. } => Resource::Events,
            Self::Objects { list, .. } => list.resource(),
            Self::InvoicePaymentsOf(_) => Resource::InvoicePayments,
            Self::Object { kind, .. } => Resource::at(*kind),
            Self::Endpoints => Resource::WebhookEndpoints,
            Self::Payouts { .. } => Resource::Payouts,
            Self::BalanceLines { .. } => Resource::BalanceLines,
            Self::Balance => Resource::Balance,
        }
    }
}

impl List {
    /// Returns the resource that this list is about.
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

named!(Resource, ReadError);

/// The read permissions that the service's key needs, as Stripe's Dashboard calls them.
///
/// That for subscriptions is not among them: a subscription is not read, because each gift comes
/// with its invoice.
pub const PERMISSIONS: [&str; 10] = [
    "Events",
    "PaymentIntents",
    "Charges and Refunds",
    "Disputes",
    "Invoices",
    "Checkout Sessions",
    "Webhook Endpoints",
    "Payouts",
    "Balance Transaction Sources",
    "Balance",
];

impl Resource {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Returns the resource that objects of that kind belong to.
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
            FactsKind::Payout => Self::Payouts,
        }
    }

    /// Returns the permission that a restricted key needs, as Stripe's Dashboard calls it.
    /// Expanding an object also needs the permission for that object
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
            Self::Payouts => "Payouts",
            Self::BalanceLines => "Balance Transaction Sources",
            Self::Balance => "Balance",
        }
    }
}

impl ReadError {
    /// The names of all.
    pub const NAMES: &[&str] = <Self as VariantNames>::VARIANTS;

    /// Returns the HTTP status of Stripe's answer, where the name does not say it.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Refused { status } | Self::Failing { status } => Some(status),
            Self::WrongKey
            | Self::NotAllowed
            | Self::NotFound
            | Self::TooMany
            | Self::TimedOut
            | Self::Unreachable
            | Self::Unreadable
            | Self::BudgetSpent
            | Self::NotCounted => None,
        }
    }

    /// True if the error concerns the one object only, and says nothing about others like it.
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

    /// True if the error may go away without anybody acting on it.
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

impl ReadError {
    /// Returns the error in each language; `Display` has the English.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::WrongKey => {
                text!("Stripe does not know the key (401)", "Stripe がキーを認識しません（401）")
            }
            Self::NotAllowed => {
                text!("the key may not read it (403)", "キーに読み取り権限がありません（403）")
            }
            Self::NotFound => {
                text!(
                    "Stripe does not have it (404)",
                    "その ID のものが Stripe にありません（404）"
                )
            }
            Self::Refused { status } => text!(
                "Stripe refuses the request ({status})",
                "Stripe がリクエストを受け付けません（{status}）"
            ),
            Self::TooMany => text!(
                "Stripe limits the rate of requests (429)",
                "Stripe がリクエスト数を制限しています（429）"
            ),
            Self::Failing { status } => {
                text!("Stripe failed ({status})", "Stripe で障害が起きています（{status}）")
            }
            Self::TimedOut => {
                text!("Stripe did not answer in time", "Stripe が時間内に応答しませんでした")
            }
            Self::Unreachable => {
                text!("there was no connection to Stripe", "Stripe に接続できませんでした")
            }
            Self::Unreadable => {
                text!("Stripe's answer cannot be read", "Stripe の応答を読み取れませんでした")
            }
            Self::BudgetSpent => text!(
                "the reads of the last 30 days are used up",
                "直近 30 日間の読み取り回数を使い切りました"
            ),
            Self::NotCounted => text!(
                "the database failed to count the read",
                "データベースの問題で、読み取り回数を数えられませんでした"
            ),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bytes::Bytes;

    use super::{Fetched, PERMISSIONS, Resource};
    use crate::time::UnixSeconds;

    #[test]
    fn only_what_is_certain_of_a_clock_counts() {
        let at = |second| UnixSeconds::new(second).unwrap();
        let ahead = |before, stripe, after| {
            Fetched { body: Bytes::new(), at: at(stripe) }.clock_ahead(at(before), at(after))
        };
        assert_eq!(ahead(100, 105, 110), 0);
        assert_eq!(ahead(100, 110, 110), 0);
        assert_eq!(ahead(100, 93, 110), 7);
        assert_eq!(ahead(100, 130, 110), -20);
    }

    #[test]
    fn the_key_needs_the_permissions_of_all_that_is_read() {
        let read = Resource::ALL.iter().filter(|&&it| it != Resource::Subscriptions);
        let needed: BTreeSet<_> = read.flat_map(|it| it.permission().split(", ")).collect();
        assert_eq!(needed, BTreeSet::from(PERMISSIONS));
    }
}
