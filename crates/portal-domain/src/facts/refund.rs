//! Facts of a refund.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::Lenient;
use crate::time::UnixSeconds;

facts! {
    /// One refund, of all or a part. Source: <https://docs.stripe.com/api/refunds/object>.
    Refund {
        /// `re_…` or `pyr_…`
        id: Lenient<ObjectId>,
        /// In minor units.
        amount: Option<i64>,
        /// The entry in the account's balance.
        balance_transaction: Lenient<ObjectId>,
        charge: Lenient<ObjectId>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        destination_details: Lenient<DestinationDetails>,
        /// The reason why the money came back to the account: `lost_or_stolen_card`, `declined`, ….
        failure_reason: Lenient<EnumWord>,
        payment_intent: Lenient<ObjectId>,
        /// `processing`, `insufficient_funds` or `charge_pending`.
        pending_reason: Lenient<EnumWord>,
        /// `duplicate`, `fraudulent`, `requested_by_customer` or `expired_uncaptured_charge`.
        reason: Lenient<EnumWord>,
        /// `pending`, `requires_action`, `succeeded`, `failed` (the money is back) or `canceled`.
        status: Lenient<EnumWord>,
    }
}

facts! {
    /// `destination_details` of a [`Refund`], without the donor's account.
    DestinationDetails {
        /// `card`, `jp_bank_transfer`, `customer_cash_balance`, ….
        kind = "type": Lenient<EnumWord>,
    }
}
