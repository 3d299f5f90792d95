//! Facts of one attempt to collect a payment.

use crate::ids::{Currency, EnumWord, ObjectId};
use crate::lenient::{Lenient, Nullable};
use crate::time::UnixSeconds;

facts! {
    /// An attempt to collect a payment. Source: <https://docs.stripe.com/api/charges/object>.
    Charge {
        /// `ch_…` or `py_…`
        id: Lenient<ObjectId>,
        /// What was to be collected, in minor units.
        amount: Option<i64>,
        /// What has been collected, in minor units.
        amount_captured: Option<i64>,
        /// What went back so far, in minor units: the sum of all its refunds.
        amount_refunded: Option<i64>,
        /// The entry in the account's balance; asynchronous capture fills it later.
        balance_transaction: Lenient<ObjectId>,
        /// Whether the money has been collected, not only authorised.
        captured: Lenient<bool>,
        /// When it was made, in seconds.
        created: Lenient<UnixSeconds>,
        /// Currency of the amounts.
        currency: Lenient<Currency>,
        /// Whether the donor's bank contests it.
        disputed: Lenient<bool>,
        /// Why it failed: `card_declined`, `expired_card`, ….
        failure_code: Lenient<EnumWord>,
        /// The invoice that it pays, or null; gone since 2025-03-31.basil.
        invoice: Nullable<ObjectId>,
        /// Live money or a test.
        livemode: Lenient<bool>,
        /// What the network and Stripe's fraud check said.
        outcome: Lenient<Outcome>,
        /// Whether it succeeded or was authorised.
        paid: Lenient<bool>,
        /// The payment that it is an attempt of.
        payment_intent: Lenient<ObjectId>,
        /// What it was paid with.
        payment_method_details: Lenient<PaymentMethodDetails>,
        /// Whether all of it went back; false after a partial refund.
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
        /// More on `kind`: `highest_risk_level`, `rule`, a decline code, ….
        reason: Lenient<EnumWord>,
        /// Stripe's guess at fraud: `normal`, `elevated`, `highest`, `not_assessed`, ….
        risk_level: Lenient<EnumWord>,
        /// `authorized`, `issuer_declined`, `blocked`, ….
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}

facts! {
    /// `payment_method_details` of a [`Charge`], without the card's or the account's own data.
    PaymentMethodDetails {
        /// `card`, `konbini`, ….
        #[serde(rename = "type")]
        kind: Lenient<EnumWord>,
    }
}
