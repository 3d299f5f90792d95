//! Stripe's objects, with the fields that stories decide; rendering adds the rest.

use serde_json::Value;

/// One state of one object. A field that its kind lacks stays empty.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) kind: ObjectKind,
    pub(crate) id: String,
    pub(crate) created: i64,
    /// In minor units; for an invoice the amount due, for a refund the refunded amount.
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    /// For a Checkout session its `payment_status`.
    pub(crate) status: &'static str,
    /// The reason of a failure, a cancellation or a bill.
    pub(crate) reason: Option<&'static str>,
    pub(crate) method: Method,
    pub(crate) payment_intent: Option<String>,
    pub(crate) charge: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) subscription: Option<String>,
    /// The amount received so far, in minor units: for a payment or a charge the captured amount,
    /// for an invoice the paid amount, for a link its part.
    pub(crate) collected: i64,
    /// The refunded amount of a charge, in minor units, including the released part of its
    /// authorisation.
    pub(crate) refunded: i64,
    pub(crate) disputed: bool,
    /// True if a charge names its line.
    pub(crate) has_line: bool,
    /// True if the lines of a payout can be asked for.
    pub(crate) reconciled: bool,
    /// The number of attempts to collect an invoice.
    pub(crate) attempts: i64,
    /// The time of payment, or else of cancellation, voiding or writing off; for a payout the day of
    /// its arrival.
    pub(crate) paid_at: Option<i64>,
    /// The whole object, if a test supplied it; it is shown unchanged.
    pub(crate) whole: Option<Value>,
    pub(crate) feature: Option<Feature>,
}

/// The feature that sets an object apart from most of its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// A payment that is authorised first, and captured by a request.
    ManualCapture,
    /// An invoice that was paid outside Stripe.
    PaidOutOfBand,
    /// An InvoicePayment that Stripe did not make when the invoice was finalized.
    Attached,
    /// A session that makes an invoice after the payment.
    InvoiceCreation,
    /// A refund that goes to the customer's cash balance.
    ToCashBalance,
    /// A payout that somebody asked for.
    ByHand,
    /// One that arrives at once.
    Instant,
}

/// The payment method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Card,
    /// A card of JCB.
    Jcb,
    Konbini,
}

/// The kinds of object that have an id and a path in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ObjectKind {
    PaymentIntent,
    Charge,
    Invoice,
    InvoicePayment,
    CheckoutSession,
    CreditNote,
    Refund,
    Dispute,
    Subscription,
    Payout,
}

/// The states of one object, the oldest first, each with the second of its beginning.
pub(crate) struct History(pub(crate) Vec<(i64, Object)>);

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Card | Self::Jcb => "card",
            Self::Konbini => "konbini",
        }
    }
}

impl ObjectKind {
    const ALL: [Self; 9] = [
        Self::PaymentIntent,
        Self::Charge,
        Self::Invoice,
        Self::InvoicePayment,
        Self::CheckoutSession,
        Self::Refund,
        Self::Dispute,
        Self::Subscription,
        Self::Payout,
    ];

    /// Returns the kind whose field `object` is `name`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Returns the value of the field `object`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PaymentIntent => "payment_intent",
            Self::Charge => "charge",
            Self::Invoice => "invoice",
            Self::InvoicePayment => "invoice_payment",
            Self::CheckoutSession => "checkout.session",
            Self::CreditNote => "credit_note",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Subscription => "subscription",
            Self::Payout => "payout",
        }
    }

    /// Returns the path of its list.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::PaymentIntent => "/v1/payment_intents",
            Self::Charge => "/v1/charges",
            Self::Invoice => "/v1/invoices",
            Self::InvoicePayment => "/v1/invoice_payments",
            Self::CheckoutSession => "/v1/checkout/sessions",
            Self::CreditNote => "/v1/credit_notes",
            Self::Refund => "/v1/refunds",
            Self::Dispute => "/v1/disputes",
            Self::Subscription => "/v1/subscriptions",
            Self::Payout => "/v1/payouts",
        }
    }

    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::PaymentIntent => "pi_3",
            Self::Charge => "ch_3",
            Self::Invoice => "in_1",
            Self::InvoicePayment => "inpay_1",
            Self::CheckoutSession => "cs_live_a1",
            Self::CreditNote => "cn_1",
            Self::Refund => "re_3",
            Self::Dispute => "du_1",
            Self::Subscription => "sub_1",
            Self::Payout => "po_1",
        }
    }
}

impl History {
    /// Returns the state at that time; `None` before the first.
    pub(crate) fn at(&self, now: i64) -> Option<&Object> {
        self.0.iter().rev().find(|(since, _)| *since <= now).map(|(_, it)| it)
    }
}
