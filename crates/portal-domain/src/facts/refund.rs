//! Facts of money going back to the donor.

use crate::text::{Currency, Maybe, ObjectId, Token};
use crate::time::UnixSeconds;

facts! {
    /// One refund, of all or a part. Source: <https://docs.stripe.com/api/refunds/object>.
    Refund {
        /// `re_…` or `pyr_…`
        id: Maybe<ObjectId>,
        /// What goes back, in minor units.
        amount: Option<i64>,
        /// The entry in the account's balance.
        balance_transaction: Maybe<ObjectId>,
        /// The charge that is given back.
        charge: Maybe<ObjectId>,
        /// When it was made, in seconds.
        created: Maybe<UnixSeconds>,
        /// Currency of the amount.
        currency: Maybe<Currency>,
        /// The destination of the money.
        destination_details: Maybe<DestinationDetails>,
        /// Why the money came back to us: `lost_or_stolen_card`, `declined`, ….
        failure_reason: Maybe<Token>,
        /// The payment that is given back.
        payment_intent: Maybe<ObjectId>,
        /// What it waits for: `processing`, `insufficient_funds` or `charge_pending`.
        pending_reason: Maybe<Token>,
        /// `duplicate`, `fraudulent`, `requested_by_customer` or `expired_uncaptured_charge`.
        reason: Maybe<Token>,
        /// `pending`, `requires_action`, `succeeded`, `failed` (money is back) or `canceled`.
        status: Maybe<Token>,
    }
}

facts! {
    /// `destination_details` of a [`Refund`], without what names the donor's account.
    DestinationDetails {
        /// `card`, `jp_bank_transfer`, `customer_cash_balance`, ….
        #[serde(rename = "type")]
        kind: Maybe<Token>,
    }
}
