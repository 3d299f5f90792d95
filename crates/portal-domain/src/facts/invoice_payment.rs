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
        /// The amount that was paid towards the invoice, in minor units; absent until then.
        amount_paid: Option<i64>,
        /// The amount that is to be paid towards the invoice, in minor units.
        amount_requested: Option<i64>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        invoice: Lenient<ObjectId>,
        /// True if Stripe created it when the invoice was finalized.
        is_default: Lenient<bool>,
        livemode: Lenient<bool>,
        payment: Lenient<Payment>,
        /// `open`, `paid` or `canceled`.
        status: Lenient<EnumWord>,
        status_transitions: Lenient<StatusTransitions>,
    }
}

facts! {
    /// `payment` of an [`InvoicePayment`]; the field that `kind` names is set.
    Payment {
        /// A charge without a PaymentIntent.
        charge: Lenient<ObjectId>,
        payment_intent: Lenient<ObjectId>,
        /// A record of money that was paid outside Stripe.
        payment_record: Lenient<ObjectId>,
        /// `payment_intent`, `charge` or `payment_record`.
        kind = "type": Lenient<EnumWord>,
    }
}

facts! {
    /// `status_transitions` of an [`InvoicePayment`].
    StatusTransitions {
        /// Unix seconds.
        canceled_at: Lenient<UnixSeconds>,
        /// Unix seconds.
        paid_at: Lenient<UnixSeconds>,
    }
}
