//! Links from payments to invoices.

use crate::ids::ObjectId;
use crate::lenient::Nullable;

/// The link from a payment to its invoice, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    pub payment: ObjectId,
    /// The invoice; `None` if the evidence says that there is none.
    pub invoice: Option<ObjectId>,
    /// The kind of evidence; the firmest of several counts.
    pub evidence: Evidence,
    /// The part of the payment that went to this invoice, in minor units; 0 if it is unknown. The
    /// largest known one counts.
    pub share: i64,
}

/// The evidence that a payment belongs to an invoice or to none; the firmest first.
///
/// Evidence for an invoice outranks evidence against one, because an invoice may be created after
/// the payment (`invoice_creation` of Checkout).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// A field of the invoice, the payment or the charge names the other (before 2025-03-31.basil).
    Field,
    /// An InvoicePayment names both.
    InvoicePayment,
    /// A Checkout session names both.
    CheckoutSession,
    /// The field `invoice` of the payment or the charge is null (before basil), or a charge has no
    /// payment.
    NoInvoiceByField,
    /// Stripe's list of invoice payments is empty for this payment.
    NoInvoiceByLookup,
    /// `payment_details.order_reference` looks like an invoice's id; merchants may set it too.
    Hint,
    /// A paid Checkout session names the payment and no invoice, and will create none.
    NoInvoiceBySession,
}

impl Link {
    /// True if the invoice certainly exists.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        match self.evidence {
            Evidence::Field | Evidence::InvoicePayment | Evidence::CheckoutSession => true,
            Evidence::NoInvoiceByField
            | Evidence::NoInvoiceByLookup
            | Evidence::Hint
            | Evidence::NoInvoiceBySession => false,
        }
    }
}

impl Evidence {
    pub const ALL: [Self; 7] = [
        Self::Field,
        Self::InvoicePayment,
        Self::CheckoutSession,
        Self::NoInvoiceByField,
        Self::NoInvoiceByLookup,
        Self::Hint,
        Self::NoInvoiceBySession,
    ];

    /// Returns the rank in the store; a lower one is firmer. Ranks below 50 say that there is an
    /// invoice.
    #[must_use]
    pub fn rank(self) -> i64 {
        match self {
            Self::Field => 10,
            Self::InvoicePayment => 20,
            Self::CheckoutSession => 30,
            // Stripe itself says so, one way or the other.
            Self::NoInvoiceByField | Self::NoInvoiceByLookup => 50,
            Self::Hint => 70,
            Self::NoInvoiceBySession => 80,
        }
    }

    /// Returns the name in output of the evidence of that rank; `None` if it says that there is no
    /// invoice.
    #[must_use]
    pub fn link_name(rank: i64) -> Option<&'static str> {
        Self::ALL.into_iter().find(|it| it.rank() == rank).and_then(|it| match it {
            Self::Field => Some("field"),
            Self::InvoicePayment => Some("invoice_payment"),
            Self::CheckoutSession => Some("checkout_session"),
            Self::Hint => Some("order_reference"),
            Self::NoInvoiceByField | Self::NoInvoiceByLookup | Self::NoInvoiceBySession => None,
        })
    }
}

/// Returns the link that the field `invoice` states, which API versions before basil have.
pub(super) fn link_by_field(payment: &ObjectId, invoice: &Nullable<ObjectId>) -> Option<Link> {
    let (invoice, evidence) = match invoice {
        Nullable::Absent => return None,
        Nullable::Null => (None, Evidence::NoInvoiceByField),
        Nullable::Value(invoice) => (Some(invoice.clone()), Evidence::Field),
    };
    Some(Link { payment: payment.clone(), invoice, evidence, share: 0 })
}
