//! Facts of the link from a payment to its invoice.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A payment towards an invoice, of which one invoice may have several.
    ///
    /// Source: <https://docs.stripe.com/api/invoice-payment/object>.
    InvoicePayment {
        /// `inpay_…`
        id: Lenient<ObjectId>,
        /// What was paid towards the invoice, in minor units; absent until then.
        amount_paid: Option<i64>,
        /// What is to be paid towards the invoice, in minor units.
        amount_requested: Option<i64>,
        /// When it was made, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of the amounts.
        currency: Lenient<Currency>,
        /// The invoice that is paid.
        invoice: Lenient<ObjectId>,
        /// Whether Stripe made it when the invoice was finalized.
        is_default: Lenient<bool>,
        /// Live money or a test.
        livemode: Lenient<bool>,
        /// What pays.
        payment: Lenient<Payment>,
        /// `open`, `paid` or `canceled`.
        status: Lenient<EnumWord>,
        /// When its status changed.
        status_transitions: Lenient<StatusTransitions>,
    }
}

facts! {
    /// `payment` of an [`InvoicePayment`]: the field that `kind` names is there.
    Payment {
        /// A charge that belongs to no payment.
        charge: Lenient<ObjectId>,
        /// The payment.
        payment_intent: Lenient<ObjectId>,
        /// A record of money that Stripe did not move.
        payment_record: Lenient<ObjectId>,
        /// `payment_intent`, `charge` or `payment_record`.
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}

facts! {
    /// `status_transitions` of an [`InvoicePayment`].
    StatusTransitions {
        /// When it was canceled, in seconds.
        canceled_at: Lenient<UnixSeconds>,
        /// When it was paid, in seconds.
        paid_at: Lenient<UnixSeconds>,
    }
}
