//! Facts of money going back to the donor.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// One refund, of all or a part. Source: <https://docs.stripe.com/api/refunds/object>.
    Refund {
        /// `re_…` or `pyr_…`
        id: Lenient<ObjectId>,
        /// What goes back, in minor units.
        amount: Option<i64>,
        /// The entry in the account's balance.
        balance_transaction: Lenient<ObjectId>,
        /// The charge that is given back.
        charge: Lenient<ObjectId>,
        /// When it was made, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of the amount.
        currency: Lenient<Currency>,
        /// The destination of the money.
        destination_details: Lenient<DestinationDetails>,
        /// Why the money came back to us: `lost_or_stolen_card`, `declined`, ….
        failure_reason: Lenient<EnumWord>,
        /// The payment that is given back.
        payment_intent: Lenient<ObjectId>,
        /// What it waits for: `processing`, `insufficient_funds` or `charge_pending`.
        pending_reason: Lenient<EnumWord>,
        /// `duplicate`, `fraudulent`, `requested_by_customer` or `expired_uncaptured_charge`.
        reason: Lenient<EnumWord>,
        /// `pending`, `requires_action`, `succeeded`, `failed` (money is back) or `canceled`.
        status: Lenient<EnumWord>,
    }
}

facts! {
    /// `destination_details` of a [`Refund`], without what names the donor's account.
    DestinationDetails {
        /// `card`, `jp_bank_transfer`, `customer_cash_balance`, ….
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}
