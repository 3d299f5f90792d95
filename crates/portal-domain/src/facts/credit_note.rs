//! Facts of a credit note.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// A credit note. Source: <https://docs.stripe.com/api/credit_notes/object>.
    CreditNote {
        /// `cn_…`
        id: Lenient<ObjectId>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// The invoice whose amount it lowers.
        invoice: Lenient<ObjectId>,
        /// The part that was given back outside Stripe, in minor units.
        out_of_band_amount: Option<i64>,
        /// `issued` or `void`.
        status: Lenient<EnumWord>,
    }
}
