//! Facts of one attempt to collect a payment.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::{Lenient, Nullable};
use crate::time::UnixSeconds;

facts! {
    /// An attempt to collect a payment. Source: <https://docs.stripe.com/api/charges/object>.
    Charge {
        /// `ch_…` or `py_…`
        id: Lenient<ObjectId>,
        /// The amount to collect, in minor units.
        amount: Option<i64>,
        /// The amount that was collected, in minor units.
        amount_captured: Option<i64>,
        /// The amount that was refunded so far, in minor units: the sum of all refunds.
        amount_refunded: Option<i64>,
        /// The entry in the account's balance; asynchronous capture sets it later.
        balance_transaction: Lenient<ObjectId>,
        /// True if the money was collected; false if it was only authorised.
        captured: Lenient<bool>,
        /// Unix seconds.
        created: Lenient<UnixSeconds>,
        currency: Lenient<Currency>,
        /// True if the donor's bank contests it.
        disputed: Lenient<bool>,
        /// The reason of a failure: `card_declined`, `expired_card`, ….
        failure_code: Lenient<EnumWord>,
        /// The invoice that it pays, or null; removed in 2025-03-31.basil.
        invoice: Nullable<ObjectId>,
        livemode: Lenient<bool>,
        /// The verdicts of the network and of Stripe's fraud check.
        outcome: Lenient<Outcome>,
        /// True if it succeeded or was authorised.
        paid: Lenient<bool>,
        /// The payment that this is an attempt of.
        payment_intent: Lenient<ObjectId>,
        payment_method_details: Lenient<PaymentMethodDetails>,
        /// True if all of it was refunded; false after a partial refund.
        refunded: Lenient<bool>,
        /// `succeeded`, `pending` or `failed`; `paid` before 2015-02-18.
        status: Lenient<EnumWord>,
    }
}

facts! {
    /// `outcome` of a [`Charge`].
    Outcome {
        /// `approved_by_network`, `declined_by_network`, `not_sent_to_network`, ….
        network_status: Lenient<EnumWord>,
        /// The detail of `kind`: `highest_risk_level`, `rule`, a decline code, ….
        reason: Lenient<EnumWord>,
        /// Stripe's estimate of fraud: `normal`, `elevated`, `highest`, `not_assessed`, ….
        risk_level: Lenient<EnumWord>,
        /// `authorized`, `issuer_declined`, `blocked`, ….
        kind = "type": Lenient<EnumWord>,
    }
}

facts! {
    /// `payment_method_details` of a [`Charge`], without the card's or the account's own data.
    PaymentMethodDetails {
        /// `card`, `konbini`, ….
        kind = "type": Lenient<EnumWord>,
    }
}
