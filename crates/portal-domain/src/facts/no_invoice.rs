//! The fact that a payment belongs to no invoice.

use crate::ids::ObjectId;
use crate::lenient::Lenient;

facts! {
    /// What Stripe answered when it was asked which invoices a payment pays: none.
    ///
    /// Source: the filter `payment` of <https://docs.stripe.com/api/invoice-payment/list>.
    NoInvoice {
        /// The payment (`pi_…`).
        id: Lenient<ObjectId>,
    }
}
