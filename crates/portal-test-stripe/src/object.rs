//! Stripe's objects, as much of them as the stories decide; the rest is added when they are shown.

use serde_json::Value;

/// One state of one object. A field that a kind of object lacks stays empty.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) kind: ObjectKind,
    pub(crate) id: String,
    pub(crate) created: i64,
    /// In minor units; of an invoice what is due, of a refund what goes back.
    pub(crate) amount: i64,
    pub(crate) currency: &'static str,
    /// Of a checkout session its `payment_status`.
    pub(crate) status: &'static str,
    /// Why it failed, was canceled or was billed.
    pub(crate) reason: Option<&'static str>,
    pub(crate) method: Method,
    pub(crate) payment_intent: Option<String>,
    pub(crate) charge: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) subscription: Option<String>,
    /// What came in so far, in minor units: of a payment or a charge what was captured, of an invoice
    /// what was paid, of what links the two its part.
    pub(crate) collected: i64,
    /// What went back of a charge, in minor units, with what its authorisation released.
    pub(crate) refunded: i64,
    pub(crate) disputed: bool,
    /// How often it was tried to collect an invoice.
    pub(crate) attempts: i64,
    /// When it was paid, or else canceled, voided or written off.
    pub(crate) paid_at: Option<i64>,
    /// All of it, where a test brings it along; then it is shown as it is.
    pub(crate) whole: Option<Value>,
    pub(crate) feature: Option<Feature>,
}

/// What sets an object apart from most of its kind.
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
}

/// What donors pay with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Card,
    Konbini,
}

/// The kinds of object that have an id and a place in the API.
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
}

/// The states of one object, the oldest first, each with the second that it began in.
pub(crate) struct History(pub(crate) Vec<(i64, Object)>);

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Konbini => "konbini",
        }
    }
}

impl ObjectKind {
    const ALL: [Self; 8] = [
        Self::PaymentIntent,
        Self::Charge,
        Self::Invoice,
        Self::InvoicePayment,
        Self::CheckoutSession,
        Self::Refund,
        Self::Dispute,
        Self::Subscription,
    ];

    /// The kind of which the field `object` says `name`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What the field `object` says.
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
        }
    }

    /// Where it is listed.
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
        }
    }
}

impl History {
    /// The state at that time; none before the first.
    pub(crate) fn at(&self, now: i64) -> Option<&Object> {
        self.0.iter().rev().find(|(since, _)| *since <= now).map(|(_, it)| it)
    }
}
