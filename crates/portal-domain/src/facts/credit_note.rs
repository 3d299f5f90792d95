//! Facts of what an invoice gives back.

use crate::text::{Currency, Maybe, ObjectId, Token};
use crate::time::UnixSeconds;

facts! {
    /// A credit note. Source: <https://docs.stripe.com/api/credit_notes/object>.
    CreditNote {
        /// `cn_…`
        id: Maybe<ObjectId>,
        /// When it was made, in seconds.
        created: Maybe<UnixSeconds>,
        /// Currency of the amounts.
        currency: Maybe<Currency>,
        /// The invoice whose amount it lowers.
        invoice: Maybe<ObjectId>,
        /// The part that was given back outside Stripe, in minor units.
        out_of_band_amount: Option<i64>,
        /// `issued` or `void`.
        status: Maybe<Token>,
    }
}
