//! Facts of one attempt to collect a payment.

use crate::text::{Currency, Maybe, Nullable, ObjectId, Token};
use crate::time::UnixSeconds;

facts! {
    /// An attempt to collect a payment. Source: <https://docs.stripe.com/api/charges/object>.
    Charge {
        /// `ch_…` or `py_…`
        id: Maybe<ObjectId>,
        /// What was to be collected, in minor units.
        amount: Option<i64>,
        /// What has been collected, in minor units.
        amount_captured: Option<i64>,
        /// What went back so far, in minor units: the sum of all its refunds.
        amount_refunded: Option<i64>,
        /// The entry in the account's balance; asynchronous capture fills it later.
        balance_transaction: Maybe<ObjectId>,
        /// Whether the money has been collected, not only authorised.
        captured: Maybe<bool>,
        /// When it was made, in seconds.
        created: Maybe<UnixSeconds>,
        /// Currency of the amounts.
        currency: Maybe<Currency>,
        /// Whether the donor's bank contests it.
        disputed: Maybe<bool>,
        /// Why it failed: `card_declined`, `expired_card`, ….
        failure_code: Maybe<Token>,
        /// The invoice that it pays, or null; gone since 2025-03-31.basil.
        invoice: Nullable<ObjectId>,
        /// Live money or a test.
        livemode: Maybe<bool>,
        /// What the network and Stripe's fraud check said.
        outcome: Maybe<Outcome>,
        /// Whether it succeeded or was authorised.
        paid: Maybe<bool>,
        /// The payment that it is an attempt of.
        payment_intent: Maybe<ObjectId>,
        /// What it was paid with.
        payment_method_details: Maybe<PaymentMethodDetails>,
        /// Whether all of it went back; false after a partial refund.
        refunded: Maybe<bool>,
        /// `succeeded`, `pending` or `failed`; `paid` before 2015-02-18.
        status: Maybe<Token>,
    }
}

facts! {
    /// `outcome` of a [`Charge`].
    Outcome {
        /// `approved_by_network`, `declined_by_network`, `not_sent_to_network`, ….
        network_status: Maybe<Token>,
        /// More on `kind`: `highest_risk_level`, `rule`, a decline code, ….
        reason: Maybe<Token>,
        /// Stripe's guess at fraud: `normal`, `elevated`, `highest`, `not_assessed`, ….
        risk_level: Maybe<Token>,
        /// `authorized`, `issuer_declined`, `blocked`, ….
        #[serde(rename = "type")]
        kind: Maybe<Token>,
    }
}

facts! {
    /// `payment_method_details` of a [`Charge`], without the card's or the account's own data.
    PaymentMethodDetails {
        /// `card`, `konbini`, ….
        #[serde(rename = "type")]
        kind: Maybe<Token>,
    }
}
