//! Facts of the link from a payment to its invoice.

use crate::text::{Currency, Maybe, ObjectId, Token};
use crate::time::UnixSeconds;

facts! {
    /// A payment towards an invoice, of which one invoice may have several.
    ///
    /// Source: <https://docs.stripe.com/api/invoice-payment/object>.
    InvoicePayment {
        /// `inpay_…`
        id: Maybe<ObjectId>,
        /// What was paid towards the invoice, in minor units; absent until then.
        amount_paid: Option<i64>,
        /// What is to be paid towards the invoice, in minor units.
        amount_requested: Option<i64>,
        /// When it was made, in seconds.
        created: Maybe<UnixSeconds>,
        /// Currency of the amounts.
        currency: Maybe<Currency>,
        /// The invoice that is paid.
        invoice: Maybe<ObjectId>,
        /// Whether Stripe made it when the invoice was finalized.
        is_default: Maybe<bool>,
        /// Live money or a test.
        livemode: Maybe<bool>,
        /// What pays.
        payment: Maybe<Payment>,
        /// `open`, `paid` or `canceled`.
        status: Maybe<Token>,
        /// When its status changed.
        status_transitions: Maybe<StatusTransitions>,
    }
}

facts! {
    /// `payment` of an [`InvoicePayment`]: the field that `kind` names is there.
    Payment {
        /// A charge that belongs to no payment.
        charge: Maybe<ObjectId>,
        /// The payment.
        payment_intent: Maybe<ObjectId>,
        /// A record of money that Stripe did not move.
        payment_record: Maybe<ObjectId>,
        /// `payment_intent`, `charge` or `payment_record`.
        #[serde(rename = "type")]
        kind: Maybe<Token>,
    }
}

facts! {
    /// `status_transitions` of an [`InvoicePayment`].
    StatusTransitions {
        /// When it was canceled, in seconds.
        canceled_at: Maybe<UnixSeconds>,
        /// When it was paid, in seconds.
        paid_at: Maybe<UnixSeconds>,
    }
}
