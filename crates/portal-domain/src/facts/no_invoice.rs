//! The fact that a payment belongs to no invoice.

use crate::text::{Maybe, ObjectId};

facts! {
    /// What Stripe answered when it was asked which invoices a payment pays: none.
    ///
    /// Source: the filter `payment` of <https://docs.stripe.com/api/invoice-payment/list>.
    NoInvoice {
        /// The payment (`pi_…`).
        id: Maybe<ObjectId>,
    }
}
