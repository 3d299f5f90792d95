//! The facts that are kept of an event's object; everything else is dropped when it is read.
//!
//! Each kind of Stripe object has its own file. The fields are an allow-list: nothing that could
//! hold personal data is on it. Amounts are integers in the currency's minor unit and strict: an
//! amount that is present but not an integer makes the event unreadable, because a donation that is
//! counted wrong is worse than one that Stripe sends again. Every other field is kept if it fits
//! its type.

/// Defines the facts of one kind of object. Every field may be absent, and an absent one is left
/// out of the stored JSON.
macro_rules! facts {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident $(= $key:literal)?: $kind:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                $(#[serde(rename = $key)])?
                #[serde(skip_serializing_if = "crate::lenient::SkipNone::is_absent")]
                pub $field: $kind,
            )*
        }

        crate::lenient::fields! { $name { $($field $(= $key)?,)* } }
    };
}

pub mod charge;
pub mod checkout_session;
pub mod credit_note;
pub mod dispute;
pub mod invoice;
pub mod invoice_payment;
mod named;
pub mod no_invoice;
pub mod payment_intent;
pub mod payout;
pub mod refund;
pub mod subscription;

use serde::Serialize;

pub use charge::Charge;
pub use checkout_session::CheckoutSession;
pub use credit_note::CreditNote;
pub use dispute::Dispute;
pub use invoice::Invoice;
pub use invoice_payment::InvoicePayment;
pub use no_invoice::NoInvoice;
pub use payment_intent::PaymentIntent;
pub use payout::Payout;
pub use refund::Refund;
pub use subscription::Subscription;

use crate::ids::ObjectId;
use crate::json_target::{ObjectTarget, read_object};

/// The facts of one Stripe object, in its state at the time of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "object")]
pub enum Facts {
    #[serde(rename = "payment_intent")]
    PaymentIntent(Box<PaymentIntent>),
    /// One attempt to collect a payment.
    #[serde(rename = "charge")]
    Charge(Box<Charge>),
    #[serde(rename = "invoice")]
    Invoice(Box<Invoice>),
    /// The link from a payment to its invoice (API 2025-05-28.basil and later).
    #[serde(rename = "invoice_payment")]
    InvoicePayment(Box<InvoicePayment>),
    /// The absence of such a link: an empty answer of Stripe's API, not an object of Stripe's.
    #[serde(rename = "no_invoice")]
    NoInvoice(Box<NoInvoice>),
    #[serde(rename = "checkout.session")]
    CheckoutSession(Box<CheckoutSession>),
    #[serde(rename = "credit_note")]
    CreditNote(Box<CreditNote>),
    #[serde(rename = "refund")]
    Refund(Box<Refund>),
    #[serde(rename = "dispute")]
    Dispute(Box<Dispute>),
    #[serde(rename = "subscription")]
    Subscription(Box<Subscription>),
    #[serde(rename = "payout")]
    Payout(Box<Payout>),
}

/// The kind of [`Facts`] that an event's object yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactsKind {
    PaymentIntent,
    Charge,
    Invoice,
    InvoicePayment,
    NoInvoice,
    CheckoutSession,
    CreditNote,
    Refund,
    Dispute,
    Subscription,
    Payout,
}

impl FactsKind {
    /// Returns the kind of the Stripe object of that name; `None` if the portal has no use for it.
    #[must_use]
    pub fn of_object(name: &str) -> Option<Self> {
        Some(match name {
            "payment_intent" => Self::PaymentIntent,
            "charge" => Self::Charge,
            "invoice" => Self::Invoice,
            "invoice_payment" => Self::InvoicePayment,
            "no_invoice" => Self::NoInvoice,
            "checkout.session" => Self::CheckoutSession,
            "credit_note" => Self::CreditNote,
            "refund" => Self::Refund,
            "dispute" => Self::Dispute,
            "subscription" => Self::Subscription,
            "payout" => Self::Payout,
            _ => return None,
        })
    }

    /// Returns the name of that kind of Stripe object.
    #[must_use]
    pub fn object_name(self) -> &'static str {
        match self {
            Self::PaymentIntent => "payment_intent",
            Self::Charge => "charge",
            Self::Invoice => "invoice",
            Self::InvoicePayment => "invoice_payment",
            Self::NoInvoice => "no_invoice",
            Self::CheckoutSession => "checkout.session",
            Self::CreditNote => "credit_note",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Subscription => "subscription",
            Self::Payout => "payout",
        }
    }

    /// Reads the facts from `object`, the JSON of an event's `data.object`.
    ///
    /// # Errors
    /// An error if `object` is no JSON object, one of its known keys occurs twice, or an amount is
    /// no integer. The error's text may quote the object, so it must not be shown.
    pub fn read(self, object: &str) -> serde_json::Result<Facts> {
        let mut facts = self.empty();
        read_object(object, facts.fields())?;
        Ok(facts)
    }

    /// Returns facts of that kind without any field.
    pub(crate) fn empty(self) -> Facts {
        match self {
            Self::PaymentIntent => Facts::PaymentIntent(Box::default()),
            Self::Charge => Facts::Charge(Box::default()),
            Self::Invoice => Facts::Invoice(Box::default()),
            Self::InvoicePayment => Facts::InvoicePayment(Box::default()),
            Self::NoInvoice => Facts::NoInvoice(Box::default()),
            Self::CheckoutSession => Facts::CheckoutSession(Box::default()),
            Self::CreditNote => Facts::CreditNote(Box::default()),
            Self::Refund => Facts::Refund(Box::default()),
            Self::Dispute => Facts::Dispute(Box::default()),
            Self::Subscription => Facts::Subscription(Box::default()),
            Self::Payout => Facts::Payout(Box::default()),
        }
    }
}

impl Facts {
    /// Reads JSON that [`Facts::to_json`] wrote, which begins with the object's name. Knowing the
    /// kind before reading takes half the time of serde's own search for it.
    ///
    /// # Errors
    /// An error if the JSON is not of that form.
    pub fn from_json(json: &str) -> serde_json::Result<Self> {
        let name = json.strip_prefix(r#"{"object":""#).and_then(|rest| rest.split('"').next());
        match name.and_then(FactsKind::of_object) {
            Some(kind) => kind.read(json),
            None => Err(serde::de::Error::custom("no name of an object")),
        }
    }

    /// Returns JSON that begins with the object's name, for [`Facts::from_json`].
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string(self);
        debug_assert!(json.is_ok(), "facts are ids, enumerations, integers and truths");
        json.unwrap_or_default()
    }

    /// Returns the kind of these facts.
    #[must_use]
    pub fn kind(&self) -> FactsKind {
        match self {
            Self::PaymentIntent(_) => FactsKind::PaymentIntent,
            Self::Charge(_) => FactsKind::Charge,
            Self::Invoice(_) => FactsKind::Invoice,
            Self::InvoicePayment(_) => FactsKind::InvoicePayment,
            Self::NoInvoice(_) => FactsKind::NoInvoice,
            Self::CheckoutSession(_) => FactsKind::CheckoutSession,
            Self::CreditNote(_) => FactsKind::CreditNote,
            Self::Refund(_) => FactsKind::Refund,
            Self::Dispute(_) => FactsKind::Dispute,
            Self::Subscription(_) => FactsKind::Subscription,
            Self::Payout(_) => FactsKind::Payout,
        }
    }

    /// Returns the object's id.
    #[must_use]
    pub fn object_id(&self) -> Option<&ObjectId> {
        match self {
            Self::PaymentIntent(it) => it.id.get(),
            Self::Charge(it) => it.id.get(),
            Self::Invoice(it) => it.id.get(),
            Self::InvoicePayment(it) => it.id.get(),
            Self::NoInvoice(it) => it.id.get(),
            Self::CheckoutSession(it) => it.id.get(),
            Self::CreditNote(it) => it.id.get(),
            Self::Refund(it) => it.id.get(),
            Self::Dispute(it) => it.id.get(),
            Self::Subscription(it) => it.id.get(),
            Self::Payout(it) => it.id.get(),
        }
    }

    /// Returns the fields to fill.
    pub(crate) fn fields(&mut self) -> &mut dyn ObjectTarget {
        match self {
            Self::PaymentIntent(it) => &mut **it,
            Self::Charge(it) => &mut **it,
            Self::Invoice(it) => &mut **it,
            Self::InvoicePayment(it) => &mut **it,
            Self::NoInvoice(it) => &mut **it,
            Self::CheckoutSession(it) => &mut **it,
            Self::CreditNote(it) => &mut **it,
            Self::Refund(it) => &mut **it,
            Self::Dispute(it) => &mut **it,
            Self::Subscription(it) => &mut **it,
            Self::Payout(it) => &mut **it,
        }
    }
}
