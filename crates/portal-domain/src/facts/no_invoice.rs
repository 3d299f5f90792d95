//! The fact that a payment belongs to no invoice.

use crate::ids::ObjectId;
use crate::lenient::Lenient;

facts! {
    /// The answer of Stripe's API that no invoice is paid by a payment.
    ///
    /// Source: the filter `payment` of <https://docs.stripe.com/api/invoice-payment/list>.
    NoInvoice {
        /// The payment (`pi_…`).
        id: Lenient<ObjectId>,
    }
}
